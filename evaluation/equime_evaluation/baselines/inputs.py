"""What a model sees of each clip, decoded once and kept: cropped grey frames, or flow."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.digests import fingerprint
from equime_builder.errors import EquimeError, MediaError, MissingExtraError, UsageError, need
from equime_builder.publish import publish
from equime_evaluation.baselines.faces import Locate, cut_out, face_transform, whole
from equime_evaluation.baselines.flow import OVERSIZE, flow_and_strain
from equime_evaluation.baselines.moments import event_of, grey, shown_frames, usual_length
from equime_evaluation.baselines.setup import Setup
from equime_evaluation.recordings import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tell = Callable[[int, int, str], None]
"""Called with what is done, what there is to do, and what is at hand."""

_VERSION: Final = 2
_SEEN: Final = ("size_px", "frames", "sampling", "difference", "crop")
"""Fields of a set-up that decide what is seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """What is seen of clips.

    Attributes:
        values: (n, T, H, W) uint8 grey frames, or (n, 3, H, W) float32 flow and strain.
        ids: Clip of each.
        left_out: For each clip that nothing could be made of, why.
    """

    values: NDArray[Any]
    ids: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)


def inputs_of(
    recordings: Sequence[Recording], setup: Setup, *, cache: Path, at_rest: bool, locate: Locate | None, tell: Tell
) -> Inputs:
    """Return what a model sees of clips; what was made before from the same files is read from the cache.

    Args:
        cache: Folder, made where it is missing.
        at_rest: Show a span without the event.
        locate: Finds faces; needed by the crop ``face``.

    Raises:
        UsageError: Faces are to be cut out and nobody finds them, or nothing could be made of any clip.
        MissingExtraError: What finds faces is not installed.
        OutputError: The cache cannot be written.
    """
    path = cache / f"{_key(recordings, setup, at_rest=at_rest)}.safetensors"
    if path.is_file() and (kept := _kept(path)) is not None:
        return kept
    if setup.crop == "face" and locate is None:
        raise UsageError("faces are cut out by their landmarks, and nobody finds them here; use crop = 'whole'")
    rest_frames = usual_length(recordings) if at_rest else None
    made: dict[str, NDArray[Any]] = {}
    left_out: dict[str, str] = {}
    for done, recording in enumerate(recordings):
        tell(done, len(recordings), f"reading {recording.dataset}")
        try:
            made[recording.id] = _seen(recording, setup, rest_frames=rest_frames, locate=locate)
        except MissingExtraError:
            raise  # no clip's fault
        except EquimeError as error:
            left_out[recording.id] = str(error)
    tell(len(recordings), len(recordings), "reading")
    if not made:
        raise UsageError(f"nothing can be made of any clip; of the first: {next(iter(left_out.values()), 'no clip')}")
    inputs = Inputs(values=np.stack(list(made.values())), ids=tuple(made), left_out=left_out)
    publish(path, lambda partial: _keep(partial, inputs))
    return inputs


def _seen(recording: Recording, setup: Setup, *, rest_frames: int | None, locate: Locate | None) -> NDArray[Any]:
    event = event_of(recording, rest_frames=rest_frames)
    chosen = np.array(event[:2]) if setup.sees_flow else shown_frames(recording, setup, event)
    # a frame that is shown several times is decoded once
    places, back = np.unique(chosen, return_inverse=True)
    frames = recording.frames.read(places.tolist())
    size_px = setup.size_px * (OVERSIZE if setup.sees_flow else 1)
    pictures = [grey(frame) for frame in frames]
    if setup.crop == "face":
        points = None if locate is None else locate(frames[0])
        if points is None:
            raise MediaError(f"{recording.id}: no face is found in it")
        transform = face_transform(points, size_px)
        crops = np.stack([cut_out(picture, transform, size_px) for picture in pictures])[back]
    else:
        crops = np.stack([whole(picture, size_px) for picture in pictures])[back]
    return flow_and_strain(crops[0], crops[1], setup.size_px) if setup.sees_flow else crops


def _key(recordings: Sequence[Recording], setup: Setup, *, at_rest: bool) -> str:
    seen = {name: getattr(setup, name) for name in _SEEN} | {"flow": setup.sees_flow, "at_rest": at_rest}
    clips = [
        [item.id, item.onset_frame, item.apex_frame, item.offset_frame, item.frames.identity] for item in recordings
    ]
    return fingerprint({"version": _VERSION, "seen": seen, "clips": clips})


def _keep(path: Path, inputs: Inputs) -> None:
    numpy_format = need("safetensors.numpy", extra="train")
    facts = {"ids": json.dumps(inputs.ids), "left_out": json.dumps(inputs.left_out)}
    numpy_format.save_file({"values": inputs.values}, path, metadata=facts)


def _kept(path: Path) -> Inputs | None:
    """Return what a file of the cache holds, or ``None`` where it is damaged, so that it is made again."""
    safetensors = need("safetensors", extra="train")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            facts = file.metadata()
            values = file.get_tensor("values")
        ids, left_out = json.loads(facts["ids"]), json.loads(facts["left_out"])
        if not isinstance(left_out, dict) or len(ids) != len(values):
            return None
        return Inputs(values=values, ids=tuple(ids), left_out=left_out)
    except (safetensors.SafetensorError, OSError, KeyError, ValueError, TypeError, RecursionError):
        return None
