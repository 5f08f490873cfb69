"""Clips together with what a model sees of them and their classes: of one source, or of several side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from equime_evaluation.baselines.clips import Clips, clips_of, permuted
from equime_evaluation.baselines.inputs import Inputs, Tell, inputs_of
from equime_evaluation.baselines.setup import Setup

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.baselines.faces import Locate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenClips:
    """Only clips that something could be made of.

    Attributes:
        labels: (n,) class of each; -1 where nobody labelled it.
    """

    clips: Clips
    inputs: Inputs
    labels: NDArray[np.int64]

    @property
    def people(self) -> frozenset[str]:
        """Who is shown."""
        return frozenset(item.person for item in self.clips.recordings)

    def places_of(self, people: frozenset[str], programmes: frozenset[str] | None = None) -> NDArray[np.int64]:
        """Return the places of these people's clips, of some programmes alone if any are named."""
        places = [
            place
            for place, item in enumerate(self.clips.recordings)
            if item.person in people and (programmes is None or item.programme in programmes)
        ]
        return np.array(places, np.int64)


def seen_clips(source: str, setup: Setup, *, control: str, cache: Path, locate: Locate | None, tell: Tell) -> SeenClips:
    """Return the clips of a source with what is seen of them.

    Args:
        control: One of `equime_evaluation.baselines.clips.CONTROLS`.
        cache: As `inputs_of`, with ``locate`` and ``tell``.

    Raises:
        UsageError: The source is unknown, or no clip of it can be used.
        DatasetError: It is damaged.
        OutputError: The cache cannot be written.
    """
    clips = clips_of(source, setup.classes)
    at_rest = control == "neutral-frames"
    inputs = inputs_of(clips.recordings, setup, cache=cache, at_rest=at_rest, locate=locate, tell=tell)
    number = {item.id: place for place, item in enumerate(clips.recordings)}
    kept = [number[clip] for clip in inputs.ids]
    people = [clips.recordings[place].person for place in kept]
    labels = np.array([-1 if (label := clips.labels[place]) is None else label for place in kept], np.int64)
    if control == "permuted-labels":
        labels = permuted(labels.tolist(), people, seed=setup.seed)
    usable = Clips(
        name=clips.name,
        recordings=tuple(clips.recordings[place] for place in kept),
        labels=tuple(None if label < 0 else label for label in labels.tolist()),
        left_out={**clips.left_out, **inputs.left_out},
        mended=clips.mended,
    )
    return SeenClips(clips=usable, inputs=inputs, labels=labels)


def side_by_side(parts: Sequence[SeenClips]) -> SeenClips:
    """Return the clips of several sources as those of one, named ``casme2+samm``; one source stays as it is."""
    if len(parts) == 1:
        return parts[0]
    notes = [(part.clips.left_out, part.clips.mended) for part in parts]
    clips = Clips(
        name="+".join(part.clips.name for part in parts),
        recordings=tuple(item for part in parts for item in part.clips.recordings),
        labels=tuple(label for part in parts for label in part.clips.labels),
        left_out={clip: why for left_out, _ in notes for clip, why in left_out.items()},
        mended={clip: how for _, mended in notes for clip, how in mended.items()},
    )
    inputs = Inputs(
        values=np.concatenate([part.inputs.values for part in parts]),
        ids=tuple(clip for part in parts for clip in part.inputs.ids),
    )
    return SeenClips(clips=clips, inputs=inputs, labels=np.concatenate([part.labels for part in parts]))
