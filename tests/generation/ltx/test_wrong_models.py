"""A model that cannot be used is refused with one message that says what to do, before a photo is looked at."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from equime_generation.cli import main
from equime_generation.renderers.ltx import device as device_module
from equime_generation.renderers.ltx.checkpoint import find_checkpoint
from equime_generation.renderers.ltx.device import place_for, what_fits
from equime_generation.renderers.ltx.faults import CheckpointError, DeviceError
from equime_generation.renderers.ltx.settings import LtxSettings

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        main(words)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err + captured.out
    return int(end.value.code or 0), " ".join(captured.err.split())


@pytest.fixture
def copy(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "copy"))


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def spoil(what: str) -> Callable[[Path], object]:
    return {
        "another pipeline": lambda folder: edit(folder / "model_index.json", _class_name="StableDiffusionPipeline"),
        "no pipeline": lambda folder: (folder / "model_index.json").unlink(),
        "no weights": lambda folder: next((folder / "transformer").glob("*.safetensors")).unlink(),
        "pickles": lambda folder: next((folder / "vae").glob("*.safetensors")).rename(folder / "vae" / "model.bin"),
        "no text encoder": lambda folder: shutil.rmtree(folder / "text_encoder"),
        "no tokenizer": lambda folder: shutil.rmtree(folder / "tokenizer"),
        "another VAE": lambda folder: edit(folder / "vae" / "config.json", _class_name="AutoencoderKL"),
        "channels that differ": lambda folder: edit(folder / "vae" / "config.json", latent_channels=16),
        "no family": lambda folder: (folder / "equime_settings.json").unlink(),
        "a family of nobody": lambda folder: (folder / "equime_settings.json").write_text('{"family": "9b"}'),
        "settings that are no JSON": lambda folder: (folder / "equime_settings.json").write_text("{"),
        "rising times": lambda folder: edit(folder / "equime_settings.json", timesteps=[10, 20]),
    }[what]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("another pipeline", "is of 'StableDiffusionPipeline', which is no LTX-Video; choose a checkpoint of one of"),
        ("no pipeline", "holds no model_index.json, so it is no pipeline in diffusers' layout"),
        ("no weights", "the weights of .* are missing .*; download the repository again"),
        ("pickles", "holds model.bin and no safetensors; pickles can run code and are never read"),
        ("no text encoder", "text_encoder/config.json is missing; download the whole repository again"),
        ("no tokenizer", "holds no tokenizer_config.json"),
        ("another VAE", "is of 'AutoencoderKL', not AutoencoderKLLTXVideo"),
        ("channels that differ", "disagree about the latent channels"),
        ("no family", "does not tell of which family it is; put equime_settings.json beside it"),
        ("a family of nobody", "family '9b' .* is unknown; choose from: 2b-0.9.5"),
        ("settings that are no JSON", "cannot be read as JSON"),
        ("rising times", "timesteps in .* must be 1 to 200 falling numbers"),
    ],
)
def test_a_broken_folder_is_named(copy: Path, what: str, message: str) -> None:
    spoil(what)(copy)
    with pytest.raises(CheckpointError, match=message):
        find_checkpoint(LtxSettings(model=str(copy)))


def test_weights_that_lack_a_tensor_are_refused(copy: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    from equime_generation.renderers.ltx.loading import load_pipeline

    (path,) = (copy / "transformer").glob("*.safetensors")
    weights = load_file(path)
    weights.pop("proj_in.weight")
    save_file(weights, path)
    with pytest.raises(CheckpointError, match=r"1 weights are missing .* proj_in.weight\); download it again"):
        load_pipeline(find_checkpoint(LtxSettings(model=str(copy))), torch.float32)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "the ltx renderer needs a model: --model FOLDER"),
        (["--model", "/nowhere/at/all"], 1, "there is no model '/nowhere/at/all'; name a folder"),
        (["--model", "Lightricks/LTX-Video"], 2, "revision of Lightricks/LTX-Video must be a commit of 40 hex digits"),
        (["--model", "Lightricks/LTX-Video", "--revision", "main"], 2, "must be a commit of 40 hex digits, got 'main'"),
        (["--conditioning", "pose"], 2, "conditioning 'pose' is unknown; choose from: keyframes, guide, text"),
        (["--memory", "12gb"], 2, "memory preset '12gb' is unknown; choose from: auto, 8gb, 16gb, 24gb, 80gb"),
        (["--guide-strength", "0"], 2, "guide_strength must lie in (0, 1], got 0.0"),
        (["--condition-crf", "60"], 2, "condition_crf must lie in 0 (none) to 51, got 60"),
        (["--with-flow"], 2, "with_flow writes true motion, and nobody knows"),
    ],
)
def test_render_refuses_in_one_line(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = refusal(capsys, "render", "--renderer", "ltx", *words, "--out", str(tmp_path / "out"))
    assert found[0] == code
    assert message in found[1]
    assert not (tmp_path / "out").exists()


def test_settings_of_ltx_belong_to_ltx(capsys: pytest.CaptureFixture[str]) -> None:
    code, message = refusal(capsys, "render", "--model", "somewhere", "--memory", "8gb")
    assert code == 2
    assert "model, memory can be set for the renderer ltx alone, and the renderer is warp" in message


def test_a_model_without_a_gpu_is_refused(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    words = ("--renderer", "ltx", "--model", str(tiny_folder), "--device", "cuda", "--out", str(tmp_path / "out"))
    code, message = refusal(capsys, "render", *words)
    assert code == 1
    assert "tiny needs a GPU, and torch.cuda.is_available() is False" in message
    assert "use --renderer warp" in message


def test_a_hub_that_cannot_be_reached(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    words = ("--renderer", "ltx", "--model", "Lightricks/LTX-Video-0.9.5", "--revision", COMMIT)
    code, message = refusal(capsys, "render", *words, "--out", str(tmp_path / "out"))
    assert code == 1
    assert "is not in the local cache as a whole and the Hub cannot be reached" in message
    assert f"hf download Lightricks/LTX-Video-0.9.5 --revision {COMMIT}" in message


def test_presets_on_a_gpu_follow_its_free_memory(tiny_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA Test")
    monkeypatch.setattr(device_module, "_free_gib", lambda: 23.0)
    settings = LtxSettings(model=str(tiny_folder))
    place = place_for(find_checkpoint(settings), settings)
    assert (place.device, place.preset.name, place.preset.batch_size) == ("cuda", "24gb", 8)
    assert what_fits() == "NVIDIA Test, 23.0 GiB free; memory preset 2b: 24gb (batch 8), 13b: 24gb (batch 2)"

    monkeypatch.setattr(device_module, "TINY_PARAMETERS", 0)
    monkeypatch.setattr(device_module, "_free_gib", lambda: 8.0)
    with pytest.raises(DeviceError, match=r"memory preset 80gb needs .* GiB for tiny, and 8.0 GiB are free"):
        place_for(find_checkpoint(settings), LtxSettings(model=str(tiny_folder), memory="80gb"))


def test_a_single_file_without_its_text_encoder(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"patchify_proj.weight": torch.zeros(2)}, tmp_path / "ltxv-2b-0.9.8-distilled.safetensors")
    with pytest.raises(CheckpointError, match=r"holds no text encoder; put one beside it: hf download Lightricks"):
        find_checkpoint(LtxSettings(model=str(tmp_path / "ltxv-2b-0.9.8-distilled.safetensors")))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({}, "holds no transformer of LTX-Video"),
        ({"model.diffusion_model.patchify_proj.weight": "float32"}, "holds no VAE of LTX-Video"),
        (
            {"patchify_proj.weight": "float32", "vae.encoder.conv_in.conv.bias": "float32"},
            "has 0 blocks and .* describes 1",
        ),
        (
            {
                "patchify_proj.weight": "float32",
                "vae.encoder.conv_in.conv.bias": "float32",
                "transformer_blocks.0.attn1.to_q.weight": "float8_e4m3fn",
            },
            "is stored in fp8 for Lightricks' own kernels; take the file without -fp8",
        ),
    ],
)
def test_a_single_file_of_something_else(
    tiny_folder: Path, tmp_path: Path, weights: dict[str, str], message: str
) -> None:
    import torch
    from safetensors.torch import save_file

    shutil.copytree(tiny_folder, tmp_path / "text")
    file = tmp_path / "ltxv-2b-0.9.8-distilled.safetensors"
    save_file({name: torch.zeros(2).to(getattr(torch, dtype)) for name, dtype in weights.items()}, file)
    with pytest.raises(CheckpointError, match=message):
        find_checkpoint(LtxSettings(model=str(file)))


def test_a_file_that_is_no_safetensors(tiny_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_folder, tmp_path / "text")
    (tmp_path / "model.ckpt").write_bytes(b"\x80\x04")
    with pytest.raises(CheckpointError, match=r"model.ckpt is no .safetensors file; other formats can run code"):
        find_checkpoint(LtxSettings(model=str(tmp_path / "model.ckpt")))
    (tmp_path / "model.safetensors").write_bytes(b"\xff" * 64)
    with pytest.raises(CheckpointError, match="is no whole safetensors file"):
        find_checkpoint(LtxSettings(model=str(tmp_path / "model.safetensors")))


def test_a_single_files_transformer_is_read_under_its_own_names(tiny_folder: Path, tmp_path: Path) -> None:
    import torch
    from diffusers import LTXVideoTransformer3DModel
    from safetensors.torch import load_file, save_file

    from equime_generation.renderers.ltx.loading import _load

    (path,) = (tiny_folder / "transformer").glob("*.safetensors")
    wanted = load_file(path)
    names = {"proj_in": "patchify_proj", "time_embed": "adaln_single", "norm_q": "q_norm", "norm_k": "k_norm"}

    def theirs(name: str) -> str:
        for ours, their in names.items():
            name = name.replace(ours, their)
        return f"model.diffusion_model.{name}"

    shutil.copytree(tiny_folder, tmp_path / "text")
    file = tmp_path / "ltxv-2b-0.9.8-distilled.safetensors"
    weights = {theirs(name): weight for name, weight in wanted.items()}
    (tmp_path / "equime_settings.json").write_text('{"family": "2b-0.9.8-distilled"}')
    save_file({**weights, "vae.encoder.conv_in.conv.bias": torch.zeros(4)}, file)
    checkpoint = find_checkpoint(LtxSettings(model=str(file)))
    assert (checkpoint.model, checkpoint.family.name) == (file.name, "2b-0.9.8-distilled")
    found = _load(LTXVideoTransformer3DModel, "transformer", checkpoint, torch.float32).state_dict()
    assert set(found) == set(wanted)
    assert all(torch.equal(found[name], weight) for name, weight in wanted.items())

    weights.pop(theirs("proj_in.weight"))
    save_file(
        {**weights, "patchify_proj.weight": torch.zeros(1), "vae.encoder.conv_in.conv.bias": torch.zeros(4)}, file
    )
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        _load(LTXVideoTransformer3DModel, "transformer", find_checkpoint(LtxSettings(model=str(file))), torch.float32)
