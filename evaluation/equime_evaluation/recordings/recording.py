"""A clip of a person with its labels, wherever it comes from, and pixels that are read when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from equime_builder.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Frames(Protocol):
    """The frames of a clip."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    @property
    def identity(self) -> str:
        """A text that changes when the pixels may have changed; found without decoding."""
        ...

    def read(self, indices: Sequence[int]) -> NDArray[np.uint8]:
        """Return (T, H, W, 3) uint8 RGB frames, counted from 0, in the order asked for.

        Raises:
            MediaError: They cannot be decoded.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One clip; frames are places in ``frames``, counted from 0.

    Attributes:
        dataset: Where it comes from, for example ``"casme2"``.
        subject: Who it shows, unique within the dataset.
        name: Unique within the subject.
        emotion: In the words of `equime_builder.facs.EMOTION_LABELS`, or ``"repression"``, or ``"negative"`` and
            ``"positive"`` where the owners label coarsely, or ``"others"``; ``None`` = nobody labelled it.
        onset_frame: With ``apex_frame`` and ``offset_frame`` all known or all ``None``.
        groups: Group of the person by attribute, as declared; empty where nobody declared any.
        programme: Shared by clips of one programme on different people; ``None`` where there is no such thing.
        level: FACS letter of the strongest Action Unit; ``None`` = not known.
        split: As the dataset divides its people, with ``fold``; ``None`` where it does not.
    """

    dataset: str
    subject: str
    name: str
    emotion: str | None
    frames: Frames
    onset_frame: int | None = None
    apex_frame: int | None = None
    offset_frame: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    programme: str | None = None
    level: str | None = None
    split: str | None = None
    fold: int | None = None

    def __post_init__(self) -> None:
        event = (self.onset_frame, self.apex_frame, self.offset_frame)
        if event != (None, None, None):
            known = [frame for frame in event if frame is not None]
            if len(known) < 3 or not 0 <= known[0] <= known[1] <= known[2] < self.frames.count or known[0] == known[2]:
                raise DatasetError(
                    f"{self.dataset} {self.subject}/{self.name}: onset, apex and offset must ascend within 0 to "
                    f"{self.frames.count - 1}, got {event}"
                )

    @property
    def person(self) -> str:
        """Who it shows, unique over datasets."""
        return f"{self.dataset}/{self.subject}"

    @property
    def id(self) -> str:
        """The clip, unique over datasets."""
        return self.person if self.name == self.subject else f"{self.person}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a folder holds.

    Attributes:
        left_out: For each clip that cannot be used, why.
        mended: For each clip with a label that cannot be true, what stands in its place.
    """

    recordings: tuple[Recording, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    mended: Mapping[str, str] = field(default_factory=dict)
