"""The exact motion of any clip of a dataset, rebuilt from its recipe and its photo."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equime_builder.digests import canonical_json
from equime_builder.errors import DatasetError, PhotoError, UsageError
from equime_builder.flow import FlowFrame, reduced
from equime_builder.json_text import parse_json
from equime_builder.manifest import read_manifest
from equime_builder.records import FRAMES, Plan, Reject
from equime_builder.tables import plan_of_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_generation.faces import Face
    from equime_generation.renderers import Renderer, Truth


def true_field(
    clip: Path | Mapping[str, Any], frame: int, *, clip_id: str | None = None, faces: str = "openpeople"
) -> NDArray[np.float32]:
    """Return the skin's true displacement in one frame of a clip, exact to the rendering, head motion left out.

    To ask for many frames, take the truth once with `truth_of`.

    Args:
        clip: A dataset folder, which needs ``clip_id``; or a row with the column ``recipe``.
        frame: 0-143.
        clip_id: Which clip of the folder, of any configuration.
        faces: Source that holds the photo, as for ``equime render --faces``.

    Returns:
        Forward field (512, 512, 2) float32 in pixels, x then y (y grows downwards), on the photo's pixels.

    Raises:
        UsageError: There is no such frame, clip or source, or its renderer does not know what it moved.
        DatasetError: The folder or the recipe is damaged.
        PhotoError: The source does not hold the photo.
    """
    if not 0 <= frame < FRAMES:
        raise UsageError(f"frame must lie in 0-{FRAMES - 1}, got {frame}")
    return truth_of(clip, clip_id=clip_id, faces=faces).field(frame)


def truth_of(clip: Path | Mapping[str, Any], *, clip_id: str | None = None, faces: str = "openpeople") -> Truth:
    """Return the true motion of a clip; arguments and errors as for `true_field`."""
    from equime_generation.renderers import load_renderer

    recipe = _recipe_in(clip, clip_id) if isinstance(clip, Path) else _recipe_of(clip)
    plan = plan_of(recipe)
    try:
        sha256, renderer = recipe["photo"]["sha256"], recipe["renderer"]
    except (KeyError, TypeError) as error:
        raise DatasetError(f"the recipe is damaged: {error}; run equime verify") from error
    return truth_of_plan(plan, face_of_photo(sha256, faces), load_renderer(renderer))


def truth_of_plan(plan: Plan, face: Face, renderer: Renderer) -> Truth:
    """Return the true motion of a plan on a face, without painting a frame.

    Args:
        plan: As rendered: its intensities are not held back any further.

    Raises:
        UsageError: The renderer does not know what it moved.
    """
    from equime_generation.renderers import Job, KnowsTruth

    if not isinstance(renderer, KnowsTruth):
        name = type(renderer).__name__
        raise UsageError(f"{name} does not know the true motion of its clips; render with --renderer warp")
    return renderer.truth(Job(face=face, plan=plan))


def flow_of(row: Mapping[str, Any], renderer: Renderer, face: Face) -> list[FlowFrame]:
    """Return the true motion of every frame of a row's events, in order of time; none on negatives.

    Args:
        row: Of a clip of one event or several, as it was rendered.

    Raises:
        UsageError: The renderer does not know what it moved.
    """
    plan = plan_of(_recipe_of(row))
    truth = truth_of_plan(plan, face, renderer)
    spans = [(event.onset_frame, event.offset_frame) for event in plan.events]
    if plan.onset_frame is not None and plan.offset_frame is not None and not spans:
        spans = [(plan.onset_frame, plan.offset_frame)]
    return [
        FlowFrame(clip_id=plan.clip_id, frame=frame, field=reduced(truth.field(frame)))
        for onset, offset in spans
        for frame in range(onset + 1, offset)
    ]


def face_of_photo(sha256: str, faces: str) -> Face:
    """Return the aligned face of one photo of a source, found by the hash of its file.

    Raises:
        UsageError: The source cannot be used.
        PhotoError: It does not hold the photo, or the photo no longer passes the gate.
    """
    from equime_generation.gate import admit
    from equime_generation.landmarks import FaceFinder
    from equime_generation.sources import open_source

    for photo in open_source(faces):
        try:
            is_it = photo.left_out is None and hashlib.sha256(photo.read()).hexdigest() == sha256
        except PhotoError:
            continue  # another photo, which may be broken
        if is_it:
            with FaceFinder() as finder:
                outcome = next(iter(admit([photo], finder)))
            if isinstance(outcome, Reject):
                raise PhotoError(f"{outcome.id}: {outcome.detail}; the clip was made with another version of the gate")
            return outcome
    raise PhotoError(
        f"{faces} holds no photo with sha256 {sha256[:12]}...; name the source that the clip was made from"
    )


def plan_of(recipe: Mapping[str, Any]) -> Plan:
    """Return the plan of a clip as it was rendered.

    Raises:
        DatasetError: The recipe is damaged.
    """
    try:
        return plan_of_json(canonical_json(recipe["plan"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"the recipe is damaged: {error}; run equime verify") from error


def _recipe_of(row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        recipe = row["recipe"]
        return dict(parse_json(recipe) if isinstance(recipe, str) else recipe)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DatasetError(f"the recipe is damaged: {error}; run equime verify") from error


def _recipe_in(root: Path, clip_id: str | None) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import compute

    for entry in read_manifest(root).files:
        if entry.place is None and entry.spotting_split is None:
            continue
        try:
            found = pq.read_table(root / entry.path, columns=["id", "recipe"], filters=compute.field("id") == clip_id)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DatasetError(f"{entry.path}: cannot be read: {error}; run equime verify") from error
        if found.num_rows:
            return _recipe_of(found.to_pylist()[0])
    raise UsageError(f"{root} has no clip {clip_id!r}; ids stand in the column id")
