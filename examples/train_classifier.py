"""Train a small video model to name the emotion, and say how well it does on people that it never saw.

    python examples/train_classifier.py --data equime

The model sees motion alone: the Lucas-Kanade flow from the onset to the frames around the apex, on a grid of 32 x 32
places, and one linear layer on top. It trains in seconds on a CPU, so each fifth of the people is held out once.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from equime_builder.errors import EquimeError, UsageError
from equime_builder.facs import EMOTION_LABELS
from equime_dataset import stream_equime

FRAMES: Final = 5
"""Onset, apex and offset, and one between each two."""
SIZE_PX: Final = 256
CELL_PX: Final = 8
WINDOW_PX: Final = 16
CELLS: Final = SIZE_PX // CELL_PX
EPOCHS: Final = 150


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Answers about people that a model had not seen.

    Attributes:
        right: Clips whose emotion was named rightly.
        clips: All of them.
        classes: Emotions to choose from; as many clips of each.
    """

    right: int
    clips: int
    classes: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the accuracy (Wilson 1927)."""
        share, z = self.right / self.clips, 1.96
        middle = share + z * z / (2 * self.clips)
        half = z * math.sqrt(share * (1 - share) / self.clips + z * z / (4 * self.clips**2))
        return (middle - half) / (1 + z * z / self.clips), (middle + half) / (1 + z * z / self.clips)

    @property
    def beats_guessing(self) -> bool:
        """Whether even the interval's lower end is better than guessing."""
        return self.interval[0] > 1 / self.classes

    def __str__(self) -> str:
        low, high = self.interval
        verdict = "better than guessing" if self.beats_guessing else "no better than guessing, as far as this tells"
        return (
            f"{self.right} of {self.clips} clips of unseen people named rightly: {self.right / self.clips:.2f} "
            f"(95 % interval {low:.2f}-{high:.2f}, guessing {1 / self.classes:.2f}): {verdict}"
        )


class Motion(nn.Module):
    """Flow from the first frame to those around the apex, averaged, and freed from the motion of the whole head.

    Source: Lucas and Kanade 1981, "An iterative image registration technique", one step of it.
    """

    def forward(self, frames: Tensor) -> Tensor:
        """Return the motion of clips.

        Args:
            frames: (B, `FRAMES`, 3, `SIZE_PX`, `SIZE_PX`) uint8.

        Returns:
            (B, 2, `CELLS`, `CELLS`) float32 in pixels, x then y.
        """
        grey = _smooth(frames.float().mean(2) / 255)
        rest, later = grey[:, :1], grey[:, 1:-1]
        along_x = (rest.roll(-1, -1) - rest.roll(1, -1)) / 2
        along_y = (rest.roll(-1, -2) - rest.roll(1, -2)) / 2
        change = (later - rest).mean(1, keepdim=True)
        xx, xy, yy = _pooled(along_x**2), _pooled(along_x * along_y), _pooled(along_y**2)
        xt, yt = _pooled(along_x * change), _pooled(along_y * change)
        xx, yy = xx + 1e-5, yy + 1e-5  # where a face is smooth, no motion rather than any
        flow = torch.cat([xy * yt - yy * xt, xy * xt - xx * yt], 1) / (xx * yy - xy**2)
        return flow - flow.flatten(2).median(-1).values[..., None, None]


def _smooth(grey: Tensor) -> Tensor:
    weights = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    kernel = (weights[:, None] * weights)[None, None]
    return functional.conv2d(grey.flatten(0, 1)[:, None], kernel, padding=2).reshape(grey.shape)


def _pooled(values: Tensor) -> Tensor:
    return functional.avg_pool2d(values, WINDOW_PX, CELL_PX, padding=(WINDOW_PX - CELL_PX) // 2)


def mirrored(motion: Tensor) -> Tensor:
    """Return the motion of the mirrored face."""
    return motion.flip(-1) * torch.tensor([-1.0, 1.0])[:, None, None]


def load_motion(options: argparse.Namespace) -> tuple[Tensor, Tensor, Tensor]:
    """Return motion, emotion (numbered as they occur) and fold of all clips; each clip is decoded once."""
    where = {"path": options.hub} if options.hub else {"data_dir": options.data}
    stream = stream_equime(
        split="all",
        frames=FRAMES,
        how="onset-apex-offset",
        size_px=SIZE_PX,
        columns=["emotion", "fold"],
        **where,
    )
    moves, emotions, folds = [], [], []
    for batch in stream.loader(batch_size=16):
        moves.append(Motion()(batch["frames"]))
        emotions += batch["emotion"].tolist()
        folds += batch["fold"]
    there = sorted(set(emotions))
    print(f"{len(emotions)} clips: {', '.join(EMOTION_LABELS[label] for label in there)}")
    labels = torch.tensor([there.index(label) for label in emotions])
    return torch.cat(moves), labels, torch.tensor(folds)


def fit(motion: Tensor, labels: Tensor, classes: int) -> nn.Module:
    """Return a linear layer trained on clips and their mirror images."""
    seen, names = torch.cat([motion, mirrored(motion)]), labels.repeat(2)
    linear = nn.Linear(2 * CELLS**2, classes)
    nn.init.zeros_(linear.weight)
    model = nn.Sequential(nn.Flatten(), linear)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, weight_decay=0.3)
    for _ in range(EPOCHS):
        loss = functional.cross_entropy(model(seen), names)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return model


def main(words: Sequence[str] | None = None) -> HeldOut:
    """Train once for each fold of people, and print how the others' emotions were named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", metavar="DIR", help="dataset folder (default: $EQUIME_HOME, else ./equime)")
    parser.add_argument("--hub", metavar="ORG/NAME", help="stream this repository of the Hub instead")
    motion, labels, folds = load_motion(parser.parse_args(words))
    classes, right = int(labels.max()) + 1, 0
    numbers = sorted(set(folds.tolist()))
    if len(numbers) < 2:
        raise UsageError("all clips are of one fold, so nobody can be held out; render more people")
    for number in numbers:
        out = folds == number
        torch.manual_seed(0)
        model = fit(motion[~out], labels[~out], classes)
        with torch.no_grad():
            hits = int((model(motion[out]).argmax(1) == labels[out]).sum())
        right += hits
        print(f"fold {number} held out: {hits} of {int(out.sum())} right")
    result = HeldOut(right=right, clips=len(labels), classes=classes)
    print(result)
    return result


if __name__ == "__main__":
    try:
        sys.exit(0 if main().beats_guessing else 1)
    except EquimeError as error:
        sys.exit(f"{error}")
