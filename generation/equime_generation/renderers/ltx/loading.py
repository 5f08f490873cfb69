"""A checkpoint's files become modules: safetensors only, no code of theirs, and never a weight left to chance."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel
from safetensors import SafetensorError

from equime_generation.renderers.ltx.faults import CheckpointError
from equime_generation.renderers.ltx.flow import flow_for
from equime_generation.renderers.ltx.keyed_pipeline import KeyedPipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from equime_generation.renderers.ltx.checkpoint import Checkpoint


def load_pipeline(checkpoint: Checkpoint, dtype: torch.dtype) -> KeyedPipeline:
    """Return the pipeline without its text encoder, on the processor.

    Its parts are loaded one by one by their known classes: what ``model_index.json`` names is never imported.

    Raises:
        CheckpointError: A file is broken or lacks weights.
    """
    with _quiet():
        transformer = _load(LTXVideoTransformer3DModel, "transformer", checkpoint, dtype)
        vae = _load(AutoencoderKLLTXVideo, "vae", checkpoint, dtype)
        # Clips are encoded one by one; decoding so crashes in diffusers 0.42.1 and is left to `model`.
        vae.enable_slicing()
        pipeline = KeyedPipeline(
            scheduler=flow_for(checkpoint.family), vae=vae, text_encoder=None, tokenizer=None, transformer=transformer
        )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def load_text(folder: Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """Return the tokenizer and the T5 encoder of a pipeline in diffusers' layout.

    Raises:
        CheckpointError: A file is broken or lacks weights.
    """
    from transformers import AutoTokenizer, T5EncoderModel

    local = {"local_files_only": True}
    with _quiet(), _refusing(folder / "text_encoder"):
        tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer", trust_remote_code=False, **local)
        encoder, found = T5EncoderModel.from_pretrained(
            folder / "text_encoder", dtype=dtype, use_safetensors=True, output_loading_info=True, **local
        )
        _refuse_gaps(found)
    return tokenizer, encoder.eval()


def _load(kind: Any, part: str, checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    with _refusing(checkpoint.file or checkpoint.folder / part):
        if checkpoint.file is not None:
            return _load_single(kind, part, checkpoint, dtype)
        module, found = kind.from_pretrained(
            checkpoint.folder,
            subfolder=part,
            torch_dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
        _refuse_gaps(found)
        return module.eval()


def _load_single(kind: Any, part: str, checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    """Load one part of a single file; a weight that it lacks would stay on the meta device."""
    module = kind.from_single_file(
        str(checkpoint.file), config=str(checkpoint.folder), subfolder=part, torch_dtype=dtype, local_files_only=True
    )
    _refuse_gaps({"missing_keys": [name for name, weight in module.state_dict().items() if weight.is_meta]})
    return module.eval()


def _refuse_gaps(found: dict[str, Any]) -> None:
    """Diffusers draws missing weights at random and says so in a warning only."""
    gaps = [*found.get("missing_keys", ()), *found.get("mismatched_keys", ()), *found.get("error_msgs", ())]
    if gaps:
        raise ValueError(f"{len(gaps)} weights are missing or of another shape, such as {gaps[0]!s:.80}")


@contextmanager
def _refusing(source: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        said = " ".join(str(error).split())
        raise CheckpointError(f"{source} cannot be loaded ({said:.200}); download it again") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' progress bars off: a run has its own."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    bars = (diffusers_logging, transformers_logging)
    for bar in bars:
        bar.disable_progress_bar()
    try:
        yield
    finally:
        for bar in bars:
            bar.enable_progress_bar()
