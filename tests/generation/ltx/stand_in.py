"""A model that gives back what it is shown: the best that a model could do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from equime_generation.renderers.ltx.render import LtxRenderer
from equime_generation.renderers.ltx.settings import LtxSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from equime_generation.renderers.ltx.request import Request


class GuideModel:
    """Gives back the first 144 pictures of each clip's conditioning."""

    guided = False

    def __init__(self, *, batch_size: int = 1) -> None:
        self.batch_size = batch_size
        self.prompts: list[str] = []
        self.batches: list[int] = []

    def know(self, prompts: Iterable[str]) -> None:
        self.prompts += prompts

    def sample(self, requests: Sequence[Request]) -> Iterator[NDArray[np.uint8]]:
        self.batches.append(len(requests))
        for request in requests:
            yield request.conditioning.pictures[:144]


def renderer_of(model: GuideModel, conditioning: str = "guide") -> LtxRenderer:
    settings = LtxSettings(conditioning=conditioning, device="cpu")
    return LtxRenderer(model, settings, name="stand-in", revision="0" * 64, shape={"batch_size": model.batch_size})
