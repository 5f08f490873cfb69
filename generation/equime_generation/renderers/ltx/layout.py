"""The folders of a pipeline in diffusers' layout: that every part is there, is what it says, and is safe to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from equime_generation.renderers.ltx.configs import read_object, whole_number
from equime_generation.renderers.ltx.faults import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

PIPELINES: Final[tuple[str, ...]] = ("LTXPipeline", "LTXImageToVideoPipeline", "LTXConditionPipeline")
TRANSFORMER: Final = "LTXVideoTransformer3DModel"
VAE: Final = "AutoencoderKLLTXVideo"
_PICKLES: Final[tuple[str, ...]] = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_AGAIN: Final = "download the repository again (hf download REPOSITORY --revision COMMIT --local-dir FOLDER)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What of a checkpoint's dimensions decides how it is run.

    Attributes:
        layers: Blocks of the transformer.
        width: Heads times channels a head.
        channels: Latent channels.
        caption_channels: Width of the text encoder's output.
    """

    layers: int
    width: int
    channels: int
    caption_channels: int


def check_pipeline(folder: Path) -> None:
    """Refuse a folder whose ``model_index.json`` is missing or names another pipeline than LTX-Video.

    Raises:
        CheckpointError: With what was found instead.
    """
    index = folder / "model_index.json"
    if not index.is_file():
        single = sorted(path.name for path in folder.glob("*.safetensors"))
        instead = f"; or name one of its files: {', '.join(single)[:200]}" if single else ""
        raise CheckpointError(
            f"{folder} holds no model_index.json, so it is no pipeline in diffusers' layout; choose the folder that "
            f"holds model_index.json, transformer, vae, text_encoder and tokenizer{instead}"
        )
    found = read_object(index).get("_class_name")
    if found not in PIPELINES:
        raise CheckpointError(
            f"{index} is of {found!r:.60}, which is no LTX-Video; choose a checkpoint of one of: {', '.join(PIPELINES)}"
        )


def check_shape(folder: Path) -> Shape:
    """Return a checkpoint's dimensions, read from the configurations of its transformer and VAE.

    Raises:
        CheckpointError: They are missing, of other models, or do not fit each other.
    """
    transformer, vae = folder / "transformer" / "config.json", folder / "vae" / "config.json"
    values, coder = _of_class(transformer, TRANSFORMER), _of_class(vae, VAE)
    heads = whole_number(values, "num_attention_heads", least=1, most=256, where=transformer)
    each = whole_number(values, "attention_head_dim", least=1, most=512, where=transformer)
    channels = whole_number(values, "in_channels", least=1, most=1024, where=transformer)
    if channels != whole_number(coder, "latent_channels", least=1, most=1024, where=vae):
        raise CheckpointError(f"{transformer} and {vae} disagree about the latent channels; take both from one release")
    return Shape(
        layers=whole_number(values, "num_layers", least=1, most=256, where=transformer),
        width=heads * each,
        channels=channels,
        caption_channels=whole_number(values, "caption_channels", least=1, most=65536, where=transformer),
    )


def check_text(folder: Path, shape: Shape) -> None:
    """Refuse a text encoder that is missing, no T5, or of another width than the transformer expects.

    Raises:
        CheckpointError: With what was found instead.
    """
    config = folder / "text_encoder" / "config.json"
    values = read_object(config)
    if values.get("model_type") != "t5":
        raise CheckpointError(f"{config} is of {values.get('model_type')!r:.60}; LTX-Video's prompts need a T5 encoder")
    if whole_number(values, "d_model", least=1, most=65536, where=config) != shape.caption_channels:
        raise CheckpointError(f"{config} is not as wide as the transformer expects; take both from one release")
    if not (folder / "tokenizer" / "tokenizer_config.json").is_file():
        raise CheckpointError(f"{folder / 'tokenizer'} holds no tokenizer_config.json; {_AGAIN}")


def weights_of(part: Path) -> list[Path]:
    """Return the safetensors files of one part, shards in order.

    Raises:
        CheckpointError: There are none, some are missing, only pickles are there, or the index points elsewhere.
    """
    files = [path for path in sorted(part.glob("*.safetensors")) if ".fp16." not in path.name]
    indexes = [path for path in sorted(part.glob("*.safetensors.index.json")) if ".fp16." not in path.name]
    if indexes:
        return _shards(indexes[0])
    if files:
        return files
    pickles = [path.name for path in sorted(part.glob("*")) if path.suffix in _PICKLES] if part.is_dir() else []
    if pickles:
        raise CheckpointError(
            f"{part} holds {pickles[0]} and no safetensors; pickles can run code and are never read: take a revision "
            "with *.safetensors, or convert it with diffusers' save_pretrained(safe_serialization=True)"
        )
    raise CheckpointError(f"the weights of {part} are missing (*.safetensors); {_AGAIN}")


def _shards(index: Path) -> list[Path]:
    found = read_object(index).get("weight_map")
    names = sorted(set(found.values())) if isinstance(found, dict) and all(map(_is_name, found.values())) else []
    if not names:
        raise CheckpointError(f"{index} must name the files of its own folder; {_AGAIN}")
    if missing := [name for name in names if not (index.parent / name).is_file()]:
        raise CheckpointError(f"{', '.join(missing)[:200]} is missing from {index.parent}; {_AGAIN}")
    return [index.parent / name for name in names]


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and name.endswith(".safetensors") and not {"/", "\\"} & set(name)


def _of_class(config: Path, wanted: str) -> dict[str, Any]:
    values = read_object(config)
    if values.get("_class_name") != wanted:
        raise CheckpointError(
            f"{config} is of {values.get('_class_name')!r:.60}, not {wanted}; choose a checkpoint of LTX-Video"
        )
    return values
