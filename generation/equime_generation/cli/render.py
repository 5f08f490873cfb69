"""`equime render`."""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic

from equime_generation.cli.options import run_options
from equime_generation.cli.terminal import counts_line, print_json, print_table, run_screen, say
from equime_generation.config import RunConfig
from equime_generation.progress import ShareDone, Summary


@run_options
def render(config: RunConfig, json: bool) -> None:
    """Render a dataset: photos in, a folder out that `load_dataset` reads.

    Stopped or killed, it goes on where it was when the same command runs again.
    """
    from equime_generation.array_job import render_share
    from equime_generation.run import render_dataset

    start_s = monotonic()
    with run_screen() as screen:
        done = render_share(config, screen) if config.shard else render_dataset(config, screen)
    duration_s = monotonic() - start_s
    if json:
        print_json({**asdict(done), "duration_s": round(duration_s, 1)})
    elif isinstance(done, Summary):
        show(done, duration_s=duration_s)
    else:
        _show_share(done)


def _show_share(done: ShareDone) -> None:
    say(f"shard {done.shard} of {done.out} is done: {done.parts} parts")
    if done.missing:
        say(f"parts not there yet, by shard: {counts_line(done.missing)}")
    say("the last job to end puts the dataset together; one that was killed goes on when it is started again")


def show(summary: Summary, *, duration_s: float) -> None:
    """Print what a run made and where to look next."""
    if summary.already_whole:
        say(f"{summary.out} was whole already, nothing to render")
    else:
        say(f"{summary.out} is whole after {duration_s // 60:.0f} min {duration_s % 60:.0f} s")
    rows = [(emotion, str(count)) for emotion, count in summary.clips.items()]
    print_table("", ("emotion", "clips"), [*rows, ("all", str(summary.total))])
    say(f"{summary.subjects} subjects, {summary.shards} shards, {summary.size_bytes / 1e6:.1f} MB")
    if summary.photos_refused:
        say(f"photos refused: {counts_line(summary.photos_refused)} (rejects.parquet says why)")
    if summary.dropped:
        say(f"clips dropped: {counts_line(summary.dropped)} (rejects.parquet says why)")
    say(f"look at it:  {summary.out}/gallery/index.html")
    say(f"check it:    equime verify {summary.out}")
