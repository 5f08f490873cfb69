"""The processor's share of a clip: its frames are encoded, measured and screened, and become a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equime_builder.records import Placement
    from equime_generation.config import RunConfig
    from equime_generation.faces import Face
    from equime_generation.judging import Verdict
    from equime_generation.recipe import Maker
    from equime_generation.renderers import Clip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """All but the frames that a clip's row is made of."""

    face: Face
    placement: Placement
    config: RunConfig
    maker: Maker


def finish_clip(clip: Clip, order: Order) -> Verdict:
    """Return the row of a rendered clip, or why it is dropped."""
    from equime_generation.encode import encode
    from equime_generation.judging import judge

    media = encode(clip.frames, profile=order.config.profile)
    return judge(clip, media, order)
