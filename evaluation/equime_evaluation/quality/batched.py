"""The same pass over a clip's frames in batches on a GPU, through piq where piq has the metric."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from equime_builder.errors import need
from equime_evaluation.quality.meter import luma_of, mean_of
from equime_evaluation.quality.readings import Frames, Pictures
from equime_evaluation.quality.signal import EQUAL_DB
from equime_evaluation.quality.similarity import WINDOW_PX

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from equime_evaluation.quality.clip_iqa import ClipIqa
    from equime_evaluation.quality.instruments import Instruments

_PEAK: Final = 255.0
# Squares of levels around zero lose fewer digits in single precision than squares of levels up to 255.
_MIDDLE: Final = 128.0


def measure_batches(
    frames: Iterable[NDArray[np.uint8]],
    instruments: Instruments,
    *,
    clip_iqa: ClipIqa | None,
    at_rest: Callable[[int], bool] | None,
) -> Frames:
    """Measure a clip on ``instruments.device``; arguments and result as those of `measure_frames`.

    Values agree with `measure_frames` within 1e-3, but for BRISQUE where frames are flat: a GPU rounds otherwise than a
    processor, and BRISQUE hangs on the signs of that. On ten rendered clips an H100 was up to .25 (of 100) apart.
    """
    tracks = [_Track(instruments, clip_iqa) for _ in range(1 + instruments.colour)]
    number, equal_pairs, size = 0, 0, (0, 0)
    last: list[NDArray[np.uint8]] = []
    for batch in _batches(frames, instruments.batch_size):
        equal_pairs += sum(np.array_equal(first, second) for first, second in pairwise([*last, *batch]))
        last = batch[-1:]
        resting = [at_rest is not None and at_rest(number + place) for place in range(len(batch))]
        number, size = number + len(batch), batch[0].shape[:2]
        tracks[0].add([_grey(frame) for frame in batch], resting)
        for track in tracks[1:]:
            track.add(batch, resting)
    return Frames(
        num_frames=number,
        width=size[1],
        height=size[0],
        equal_pairs=equal_pairs,
        brisque_frames=None if instruments.regression is None else len(tracks[0].values["brisque"]),
        fidelity_frames=None if at_rest is None else len(tracks[0].values["fidelity_ssim"]),
        grey=tracks[0].pictures(),
        rgb=tracks[1].pictures() if instruments.colour else None,
    )


def _batches(frames: Iterable[NDArray[np.uint8]], size: int) -> Iterator[list[NDArray[np.uint8]]]:
    remaining = iter(frames)
    while batch := list(islice(remaining, size)):
        yield batch


def _grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


class _Track:
    """Values of one variant, batch by batch; the last frame of a batch is paired with the first of the next."""

    def __init__(self, instruments: Instruments, clip_iqa: ClipIqa | None) -> None:
        self.values: dict[str, list[float]] = {name: [] for name in Pictures.__dataclass_fields__}
        self._instruments = instruments
        self._clip_iqa = clip_iqa
        self._last: Tensor | None = None
        self._neutral: Tensor | None = None

    def add(self, pictures: Sequence[NDArray[np.uint8]], resting: Sequence[bool]) -> None:
        import torch

        piq = need("piq", extra="metrics")
        # cuDNN would round what it convolves to 10 bits, and BRISQUE tells
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            levels = self._levels(pictures)
            pairs = levels if self._last is None else torch.cat([self._last, levels])
            self._pair("", pairs[1:], pairs[:-1])
            self._last = levels[-1:]
            self._note("tv", piq.total_variation(levels / _PEAK, reduction="none"))
            self._add_fidelity(levels, resting)
            if self._instruments.regression is not None:
                self.values["brisque"] += self._brisque(pictures)
        if self._clip_iqa is not None:
            self.values["clip_iqa"] += [value for value in self._clip_iqa.scores(pictures) if value is not None]

    def pictures(self) -> Pictures:
        """Return the means; of nothing, ``None``."""
        return Pictures(**{name: mean_of(values) for name, values in self.values.items()})

    def _levels(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        import torch

        batch = np.stack(pictures)
        batch = batch[:, None] if batch.ndim == 3 else batch.transpose(0, 3, 1, 2)
        return torch.from_numpy(np.ascontiguousarray(batch)).to(self._instruments.device).float()

    def _add_fidelity(self, levels: Tensor, resting: Sequence[bool]) -> None:
        places = [place for place, rests in enumerate(resting) if rests]
        if self._neutral is None and places:
            first, *places = places
            self._neutral = levels[first : first + 1]
        if self._neutral is not None and places:
            self._pair("fidelity_", levels[places], self._neutral.expand(len(places), -1, -1, -1))

    def _pair(self, prefix: str, first: Tensor, second: Tensor) -> None:
        if len(first):
            self._note(f"{prefix}psnr", _psnr(first, second))
            self._note(f"{prefix}ssim", _ssim(first, second))

    def _note(self, name: str, values: Tensor) -> None:
        self.values[name] += values.double().cpu().tolist()

    def _brisque(self, pictures: Sequence[NDArray[np.uint8]]) -> list[float]:
        # piq's own module, which its function of the same name hides.
        module: Any = importlib.import_module("piq.brisque")
        lumas = self._levels([luma_of(picture) for picture in pictures]) / _PEAK * _PEAK
        try:
            found = _statistics(module, lumas)
        except AssertionError:  # a frame without texture; the others are judged one by one
            found = np.concatenate([_statistics_or_none(module, luma[None]) for luma in lumas])
        regression = self._instruments.regression
        assert regression is not None
        return [regression.score(row) for row in found if np.isfinite(row).all()]


def _statistics(module: Any, lumas: Tensor) -> NDArray[np.float64]:
    import torch
    from piq.functional import imresize

    half = imresize(lumas, sizes=(lumas.shape[2] // 2, lumas.shape[3] // 2))
    features = [module._natural_scene_statistics(scale).reshape(len(lumas), -1) for scale in (lumas, half)]
    return np.asarray(torch.cat(features, dim=-1).double().cpu().numpy())


def _statistics_or_none(module: Any, luma: Tensor) -> NDArray[np.float64]:
    try:
        return _statistics(module, luma)
    except AssertionError:
        return np.full((1, 36), np.nan)


def _psnr(first: Tensor, second: Tensor) -> Tensor:
    import torch

    error = (first - second).square().double().mean((1, 2, 3))
    return torch.where(error == 0, EQUAL_DB, 10 * torch.log10(_PEAK**2 / error))


def _ssim(first: Tensor, second: Tensor) -> Tensor:
    from torch.nn.functional import avg_pool2d

    x, y = first - _MIDDLE, second - _MIDDLE
    x_mean, y_mean = avg_pool2d(x, WINDOW_PX, 1), avg_pool2d(y, WINDOW_PX, 1)
    sample = WINDOW_PX**2 / (WINDOW_PX**2 - 1)
    spreads = sample * (avg_pool2d(x * x + y * y, WINDOW_PX, 1) - x_mean.square() - y_mean.square())
    joint = sample * (avg_pool2d(x * y, WINDOW_PX, 1) - x_mean * y_mean)
    c1, c2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
    x_mean, y_mean = x_mean + _MIDDLE, y_mean + _MIDDLE
    above = (2 * x_mean * y_mean + c1) * (2 * joint + c2)
    below = (x_mean.square() + y_mean.square() + c1) * (spreads + c2)
    return (above / below).double().mean((1, 2, 3))
