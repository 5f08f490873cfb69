"""`equime evaluate`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import file_screen, print_json, print_table, say

if TYPE_CHECKING:
    from equime_evaluation.quality import Evaluation, Instruments
    from equime_evaluation.quality.summary import Average, Summary

Paths = Annotated[list[Path], typer.Argument(help="Dataset folders, folders of videos or of images, or video files.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder of clips.csv and summary.csv.  [default: quality/ in a dataset alone, else equime-quality]",
        show_default=False,
    ),
]
Compare = Annotated[str, typer.Option(help="published: set the means beside those of the published tables.")]
BrisqueModel = Annotated[
    Path | None, typer.Option(help="BRISQUE's model: an allmodel in libsvm's format, or piq's checkpoint.")
]
ClipIqa = Annotated[bool, typer.Option(help="Measure CLIP-IQA where its weights are.")]
Colour = Annotated[bool, typer.Option("--colour", help="Measure the variants over red, green and blue as well.")]
ImageFps = Annotated[float | None, typer.Option(help="Frames a second of sequences of images, which do not tell.")]
Device = Annotated[str, typer.Option(help="cpu, or a GPU (cuda, mps), on which piq measures batches of frames.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Frames in a batch on a GPU.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes on the CPU; 0 = one a core.")]


def evaluate(
    paths: Paths,
    out: Out = None,
    compare: Compare = "",
    brisque_model: BrisqueModel = None,
    clip_iqa: ClipIqa = True,
    colour: Colour = False,
    image_fps: ImageFps = None,
    device: Device = "cpu",
    batch_size: BatchSize = 16,
    workers: Workers = 0,
    json: options.Json = False,
) -> None:
    """Measure the quality of anybody's clips: PSNR, SSIM, total variation, BRISQUE, CLIP-IQA, size, bitrate.

    Stopped or killed, it goes on where it was when the same command runs again. An empty cell means: not measured.
    """
    from equime_builder.errors import choose, need
    from equime_evaluation.quality import Instruments, find_brisque
    from equime_evaluation.quality import evaluate as evaluate_clips
    from equime_evaluation.quality.weights import clip_iqa_is_there

    if compare:
        choose("comparison", compare, ("published",))
    need("cv2", extra="metrics")
    instruments = Instruments(
        regression=find_brisque(brisque_model),
        clip_iqa=clip_iqa and clip_iqa_is_there(),
        colour=colour,
        image_fps=image_fps,
        device=device,
        batch_size=batch_size,
    )
    with file_screen("clips") as progress:
        found = evaluate_clips(paths, instruments, out=out, workers=workers, progress=progress)
    if json:
        print_json(_as_json(found, compare))
    else:
        _show(found, instruments, compare, clip_iqa=clip_iqa)
    if all(clip.refused for clip in found.clips):
        raise typer.Exit(1)


def _as_json(found: Evaluation, compare: str) -> dict[str, object]:
    from equime_evaluation.quality.published import compare_with_published

    compared = {
        summary.directory: [item.as_json() for item in compare_with_published(summary)] for summary in found.summaries
    }
    return {
        "out": str(found.out),
        "resumed": found.resumed,
        "summaries": [asdict(summary) for summary in found.summaries],
        "clips": [asdict(clip) for clip in found.clips],
        **({"published": compared} if compare else {}),
    }


def _show(found: Evaluation, instruments: Instruments, compare: str, *, clip_iqa: bool) -> None:
    for summary in found.summaries:
        rows = [(name, *_cells(average)) for name, average in summary.averages.items() if average is not None]
        print_table(f"{summary.directory}: {summary.clips} clips", ("", "mean", "median", "clips"), rows)
        if summary.frozen:
            say(f"{summary.frozen} clips never change: their temporal PSNR is 100 and their SSIM 1 by definition")
        if compare:
            _show_published(summary)
    for clip in found.clips:
        if clip.refused:
            say(f"refused {clip.video_path}: {clip.refused}")
    _say_what_is_missing(instruments, clip_iqa=clip_iqa)
    say(f"every clip: {found.out}/clips.csv")


def _cells(average: Average) -> tuple[str, str, str]:
    return f"{average.mean:.4f}", f"{average.median:.4f}", str(average.clips)


def _say_what_is_missing(instruments: Instruments, *, clip_iqa: bool) -> None:
    from equime_evaluation.quality.weights import BRISQUE_REMEDY, CLIP_IQA_REMEDY

    if instruments.regression is None:
        say(f"BRISQUE: not measured, its model is not here; {BRISQUE_REMEDY}")
    if clip_iqa and not instruments.clip_iqa:
        say(f"CLIP-IQA: not measured, its weights are not here; {CLIP_IQA_REMEDY}")


def _show_published(summary: Summary) -> None:
    from equime_evaluation.quality.published import PUBLISHED_TABLES, compare_with_published

    compared = list(compare_with_published(summary))
    columns = ("mean", "ours", *(table.name for table in PUBLISHED_TABLES))
    rows = [(item.column, _mean(item.ours), *map(_mean, item.published.values())) for item in compared]
    say("")
    print_table("Beside the published tables (--json has their medians too)", columns, rows)
    for item in compared:
        say(f"- {item.column}: {item.remark}")


def _mean(values: tuple[float, float | None] | None) -> str:
    return "not measured" if values is None else f"{values[0]:.4g}"
