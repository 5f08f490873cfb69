"""The real dimensions of LTX-Video on torch's meta device: every shape and operation, and not one byte of weights."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

if TYPE_CHECKING:
    from diffusers import AutoencoderKLLTXVideo, LTXVideoTransformer3DModel

# Of Lightricks/LTX-Video-0.9.5 and -0.9.7-dev, after diffusers' scripts/convert_ltx_to_diffusers.py.
TRANSFORMER_CONFIGS: Final[dict[str, dict[str, int]]] = {
    "2b": {"num_attention_heads": 32, "attention_head_dim": 64, "cross_attention_dim": 2048, "num_layers": 28},
    "13b": {"num_attention_heads": 32, "attention_head_dim": 128, "cross_attention_dim": 4096, "num_layers": 48},
}
VAE_CONFIG: Final[dict[str, Any]] = {
    "block_out_channels": (128, 256, 512, 1024, 2048),
    "down_block_types": ("LTXVideo095DownBlock3D",) * 4,
    "decoder_block_out_channels": (256, 512, 1024),
    "layers_per_block": (4, 6, 6, 2, 2),
    "decoder_layers_per_block": (5, 5, 5, 5),
    "spatio_temporal_scaling": (True, True, True, True),
    "decoder_spatio_temporal_scaling": (True, True, True),
    "decoder_inject_noise": (False, False, False, False),
    "downsample_type": ("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
    "upsample_residual": (True, True, True),
    "upsample_factor": (2, 2, 2),
    "timestep_conditioning": True,
    "spatial_compression_ratio": 32,
    "temporal_compression_ratio": 8,
}


def full_transformer(name: str, **other: int) -> LTXVideoTransformer3DModel:
    """Return a transformer of full width; ``num_layers`` may make it shorter."""
    from diffusers import LTXVideoTransformer3DModel

    with torch.device("meta"):
        return LTXVideoTransformer3DModel(**{**TRANSFORMER_CONFIGS[name], **other}).to(torch.bfloat16).eval()


def full_vae() -> AutoencoderKLLTXVideo:
    """Return the VAE of 0.9.5 and later."""
    from diffusers import AutoencoderKLLTXVideo

    with torch.device("meta"):
        return AutoencoderKLLTXVideo(**VAE_CONFIG).to(torch.bfloat16).eval()


def empty(*shape: int, dtype: torch.dtype = torch.bfloat16) -> torch.Tensor:
    """Return a tensor without content."""
    return torch.empty(*shape, device="meta", dtype=dtype)


def call_transformer(model: LTXVideoTransformer3DModel, tokens: int, batch_size: int = 1) -> None:
    """Call a transformer as `diffusers.LTXConditionPipeline` does: with a time for each token."""
    model(
        hidden_states=empty(batch_size, tokens, 128),
        encoder_hidden_states=empty(batch_size, 256, 4096),
        timestep=empty(batch_size, tokens, dtype=torch.float32),
        encoder_attention_mask=empty(batch_size, 256),
        video_coords=empty(batch_size, 3, tokens, dtype=torch.float32),
    )


class LiveBytes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows the bytes of all tensors alive that operations made, weights left out; ``most`` is the fullest moment."""

    def __init__(self, *modules: torch.nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.most = 0
        weights = [tensor for module in modules for tensor in (*module.parameters(), *module.buffers())]
        self._known = {tensor.untyped_storage()._cdata: 0 for tensor in weights}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation and count what it made."""
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, torch.Tensor):
                self._count(tensor.untyped_storage())
        return made

    def _count(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key in self._known:
            return
        self._known[key] = storage.nbytes()
        self.now += self._known[key]
        self.most = max(self.most, self.now)
        weakref.finalize(storage, self._forget, key)

    def _forget(self, key: int) -> None:
        self.now -= self._known.pop(key, 0)
