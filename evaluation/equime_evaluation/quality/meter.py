"""One pass over a clip's frames on a processor core, each frame measured once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING

import cv2
import numpy as np

from equime_evaluation.quality.readings import Frames, Pictures
from equime_evaluation.quality.signal import EQUAL_DB, psnr, total_variation
from equime_evaluation.quality.similarity import WindowSums, ssim
from equime_evaluation.quality.statistics import FlatFrameError, scene_statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_evaluation.quality.clip_iqa import ClipIqa
    from equime_evaluation.quality.regression import Regression


def measure_frames(
    frames: Iterable[NDArray[np.uint8]],
    *,
    regression: Regression | None,
    clip_iqa: ClipIqa | None,
    colour: bool,
    at_rest: Callable[[int], bool] | None,
) -> Frames:
    """Measure a clip.

    Args:
        frames: (H, W, 3) uint8 RGB each, of one size, 16 x 16 or more.
        at_rest: Whether nothing was planned to move in a frame; ``None`` where no plan is known, so that there is no
            neutral frame to hold others against.
    """
    tracks = [_Track(regression, clip_iqa), *([_Track(regression, clip_iqa)] if colour else [])]
    number, equal_pairs, size = -1, 0, (0, 0)
    previous: NDArray[np.uint8] | None = None
    for number, frame in enumerate(frames):
        equal = previous is not None and np.array_equal(frame, previous)
        equal_pairs += equal
        resting = at_rest is not None and at_rest(number)
        grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        for track, picture in zip(tracks, (grey, frame), strict=False):
            track.add(picture, equal=equal, resting=resting)
        previous, size = frame, frame.shape[:2]
    return Frames(
        num_frames=number + 1,
        width=size[1],
        height=size[0],
        equal_pairs=equal_pairs,
        brisque_frames=None if regression is None else len(tracks[0].brisque),
        fidelity_frames=None if at_rest is None else len(tracks[0].fidelity_ssim),
        grey=tracks[0].pictures(),
        rgb=tracks[1].pictures() if colour else None,
    )


@dataclass(slots=True)
class _Track:
    """Values of one variant, frame by frame.

    A frame that equals the one before it has its values; with a plan, the first frame at rest is the neutral one.
    """

    regression: Regression | None
    clip_iqa: ClipIqa | None
    psnr: list[float] = field(default_factory=list)
    ssim: list[float] = field(default_factory=list)
    tv: list[float] = field(default_factory=list)
    brisque: list[float] = field(default_factory=list)
    clip: list[float] = field(default_factory=list)
    fidelity_psnr: list[float] = field(default_factory=list)
    fidelity_ssim: list[float] = field(default_factory=list)
    _last: _Seen | None = None
    _neutral: _Seen | None = None
    _held: tuple[_Seen, float, float] | None = None

    def add(self, picture: NDArray[np.uint8], *, equal: bool, resting: bool) -> None:
        seen = self._last if equal and self._last is not None else self._seen(picture)
        if self._last is not None:
            self.psnr.append(EQUAL_DB if equal else psnr(seen.picture, self._last.picture))
            self.ssim.append(1.0 if equal else seen.likeness(self._last))
        self.tv.append(seen.tv)
        if seen.brisque is not None:
            self.brisque.append(seen.brisque)
        if seen.clip_iqa is not None:
            self.clip.append(seen.clip_iqa)
        if resting and self._neutral is not None:
            if self._held is None or self._held[0] is not seen:
                self._held = seen, psnr(seen.picture, self._neutral.picture), seen.likeness(self._neutral)
            self.fidelity_psnr.append(self._held[1])
            self.fidelity_ssim.append(self._held[2])
        elif resting:
            self._neutral = seen
        self._last = seen

    def _seen(self, picture: NDArray[np.uint8]) -> _Seen:
        return _Seen(
            picture=picture,
            planes=tuple(WindowSums.of(plane) for plane in _planes(picture)),
            tv=total_variation(picture),
            brisque=self._brisque(picture),
            clip_iqa=None if self.clip_iqa is None else self.clip_iqa.score(picture),
        )

    def _brisque(self, picture: NDArray[np.uint8]) -> float | None:
        if self.regression is None:
            return None
        try:
            return self.regression.score(scene_statistics(luma_of(picture)))
        except FlatFrameError:
            return None

    def pictures(self) -> Pictures:
        """Return the means; of nothing, ``None``."""
        return Pictures(
            psnr=mean_of(self.psnr),
            ssim=mean_of(self.ssim),
            tv=mean_of(self.tv),
            brisque=mean_of(self.brisque),
            clip_iqa=mean_of(self.clip),
            fidelity_psnr=mean_of(self.fidelity_psnr),
            fidelity_ssim=mean_of(self.fidelity_ssim),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """A frame with all that is known of it alone."""

    picture: NDArray[np.uint8]
    planes: tuple[WindowSums, ...]
    tv: float
    brisque: float | None
    clip_iqa: float | None

    def likeness(self, other: _Seen) -> float:
        return fmean(ssim(mine, theirs) for mine, theirs in zip(self.planes, other.planes, strict=True))


def luma_of(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what BRISQUE looks at: a grey frame itself, of a colour frame the rounded Y of YIQ, as piq takes it."""
    if picture.ndim == 2:
        return picture
    return np.rint(picture @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.uint8)


def mean_of(values: list[float]) -> float | None:
    """Return the mean of what there is."""
    return fmean(values) if values else None


def _planes(picture: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    return (picture,) if picture.ndim == 2 else tuple(np.ascontiguousarray(plane) for plane in cv2.split(picture))
