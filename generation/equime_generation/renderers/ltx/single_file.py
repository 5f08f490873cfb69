"""A single ``.safetensors`` file of Lightricks: transformer and VAE together, in their own names for the weights.

It lacks the text encoder, the tokenizer and the dimensions. Those are looked for in a folder called ``text`` beside the
file, in diffusers' layout: ``text_encoder`` and ``tokenizer`` whole, and the ``config.json`` of ``transformer`` and
``vae``; for the 2B files Lightricks/LTX-Video-0.9.5 has all of them.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, Any, Final

from equime_generation.renderers.ltx.faults import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

    from equime_generation.renderers.ltx.layout import Shape

TEXT_FOLDER: Final = "text"
_SUFFIX: Final = ".safetensors"
_MOST_HEADER_BYTES: Final = 100 * 2**20
_BLOCK: Final = re.compile(r"transformer_blocks\.(\d+)\.")
_PARTS: Final[dict[str, str]] = {"patchify_proj.weight": "transformer", "vae.encoder.conv_in.conv.bias": "VAE"}


def text_folder(file: Path) -> Path:
    """Return the folder beside a single file that holds what the file lacks.

    Raises:
        CheckpointError: There is none.
    """
    folder = file.parent / TEXT_FOLDER
    if not folder.is_dir():
        raise CheckpointError(
            f"{file.name} holds no text encoder; put one beside it: hf download Lightricks/LTX-Video-0.9.5 --include "
            f"'text_encoder/*' 'tokenizer/*' '*/config.json' --local-dir {folder}"
        )
    return folder


def check_file(file: Path, shape: Shape) -> None:
    """Refuse a single file that is no safetensors, no LTX-Video, of another depth, or in fp8.

    Args:
        file: The file.
        shape: What the configurations beside it say.

    Raises:
        CheckpointError: With what was found instead.
    """
    header = read_header(file)
    names = set(header)
    for ending, part in _PARTS.items():
        if not any(name.endswith(ending) for name in names):
            raise CheckpointError(f"{file} holds no {part} of LTX-Video; choose a file such as ltxv-2b-0.9.8-distilled")
    layers = 1 + max((int(found[1]) for name in names if (found := _BLOCK.search(name))), default=-1)
    if layers != shape.layers:
        raise CheckpointError(
            f"{file.name} has {layers} blocks and {file.parent / TEXT_FOLDER} describes {shape.layers}; "
            "take the configurations of the same size"
        )
    if any(str(_dtype(entry)).startswith("F8") for entry in header.values()):
        raise CheckpointError(
            f"{file.name} is stored in fp8 for Lightricks' own kernels; take the file without -fp8: a memory preset "
            "stores its weights in fp8 where that is needed"
        )


def read_header(file: Path) -> dict[str, Any]:
    """Return the entries of a safetensors file by name, without reading a weight.

    Raises:
        CheckpointError: The file is none, or broken.
    """
    if file.suffix != _SUFFIX:
        raise CheckpointError(
            f"{file.name} is no {_SUFFIX} file; other formats can run code and are never read: take the safetensors "
            "version of the checkpoint"
        )
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if length > min(_MOST_HEADER_BYTES, file.stat().st_size):
                raise ValueError("its header is longer than the file")
            header = json.loads(opened.read(length))
        if not isinstance(header, dict):
            raise ValueError("its header is no object")
    except (OSError, ValueError, RecursionError, struct.error) as error:
        raise CheckpointError(f"{file} is no whole safetensors file ({error}); download it again") from error
    return header


def _dtype(entry: Any) -> Any:
    return entry.get("dtype") if isinstance(entry, dict) else None
