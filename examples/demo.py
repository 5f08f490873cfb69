"""Render a small balanced dataset, load it, and show what came out: what `make demo` runs."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path


def show_loading(out: Path) -> None:
    """Load one emotion as a user would, and print what each way gives."""
    import datasets

    import equime_dataset
    from equime_generation.cli.terminal import say

    os.environ["EQUIME_HOME"] = str(out.resolve())
    datasets.disable_progress_bars()
    dataset = datasets.load_dataset("equime", "fear")
    say('\n>>> load_dataset("equime", "fear")')
    say("\n".join(f"{split}: {len(rows)} clips" for split, rows in dataset.items()))
    row = equime_dataset.load_equime("fear", split="train")[0]
    say('\n>>> row = equime_dataset.load_equime("fear", split="train")[0]')
    for name in ("id", "prompt", "objective_class", "onset_frame", "apex_frame", "offset_frame", "gender", "skin_tone"):
        say(textwrap.fill(f"{name:16} {row[name]}", 100, subsequent_indent=" " * 17))
    units = ", ".join(f"AU{au['au']} {au['side']} {au['level']} ({au['intensity']:.2f})" for au in row["aus"])
    say(f"{'aus':16} {units}")
    measured = row["measured"]
    say(
        f"{'measured':16} correlation {measured['correlation']:.3f}, slope {measured['slope']:.3f}, "
        f"apex {measured['apex_frame']}, largest motion {measured['motion_px']:.1f} px"
    )
    frames = equime_dataset.frames(row)
    say("\n>>> equime_dataset.frames(row)")
    say(f"{type(frames).__name__} {frames.shape} {frames.dtype}")


def show_figures(out: Path) -> None:
    """Print what was measured on the decoded clips, as the dataset's card states it."""
    from equime_builder.manifest import read_manifest
    from equime_builder.summary import summarize
    from equime_generation.cli.terminal import say

    figures = summarize(out, [entry.path for entry in read_manifest(out).shards])
    say(f"\nmeasured on {figures.expressions} expressions and {figures.negatives} negatives, after decoding:")
    say(f"median correlation with the planned motion {figures.correlation:.3f}, median slope {figures.slope:.3f}")
    say(f"apex within one frame on {figures.apex_hits}, false movements on negatives {figures.false_peaks}")


def main() -> None:
    """Run the demo; words after the module's name are passed on to `equime render`."""
    from equime_generation.cli import main as equime

    try:
        equime(["render", *sys.argv[1:]])
    except SystemExit as end:
        if end.code or "--help" in sys.argv:
            raise
    out = Path(sys.argv[sys.argv.index("--out") + 1]) if "--out" in sys.argv else Path("equime")
    show_figures(out)
    show_loading(out)


if __name__ == "__main__":
    main()
