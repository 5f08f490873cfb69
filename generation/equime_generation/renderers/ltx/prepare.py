"""All prompts of a run are encoded before it: else each part would load the text encoder anew, while its GPU waits."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from equime_generation.renderers.ltx.render import open_ltx

if TYPE_CHECKING:
    from equime_builder.records import Plan
    from equime_generation.renderers.ltx.settings import LtxSettings


def prepare(settings: LtxSettings, plans: Iterable[Plan]) -> None:
    """Encode the prompts of plans that are not on disk; attempts of a plan share its prompt.

    Raises:
        CheckpointError: The text encoder is broken.
        DeviceError: There is no GPU, or it has too little memory.
        OutputError: The cache cannot be written.
    """
    texts = {(plan.prompt, plan.negative_prompt) for plan in plans}
    prompts, negative_prompts = sorted({prompt for prompt, _ in texts}), sorted({negative for _, negative in texts})
    if settings.device == "cpu":
        _encode(settings, prompts, negative_prompts)
        return
    # The text encoder's memory, and CUDA's, goes with its process.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as encoding:
        encoding.submit(_encode, settings, prompts, negative_prompts).result()


def _encode(settings: LtxSettings, prompts: list[str], negative_prompts: list[str]) -> None:
    open_ltx(settings).encode_prompts(prompts, negative_prompts)
