"""What `equime plan`, `doctor` and `ltx survive` say of the diffusion renderer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equime_generation.cli import main
from equime_generation.renderers.ltx import device as device_module
from equime_generation.renderers.ltx import trying
from equime_generation.renderers.ltx.campaign import CPU_S_PER_CLIP
from equime_generation.renderers.ltx.cost import Work, clip_flops
from equime_generation.renderers.ltx.roundtrip import RoundTrip
from equime_generation.renderers.ltx.settings import LtxSettings
from tests.generation.ltx.stand_in import GuideModel, renderer_of


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(words)
    captured = capsys.readouterr()
    assert end.value.code in (0, None), captured.err
    return captured.out


@pytest.fixture
def plan_words(one_person: Path) -> tuple[str, ...]:
    return ("plan", "--renderer", "ltx", "--faces", f"folder:{one_person}", "--emotions", "fear")


def test_plan_states_operations_memory_and_hours(
    plan_words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(said(capsys, *plan_words, "--clips-per-emotion", "50", "--json"))
    ltx = found["ltx"]
    assert found["fingerprint"] is None
    assert found["cpu_s"] == pytest.approx(50 * CPU_S_PER_CLIP["keyframes"])
    assert (ltx["family"], ltx["clips"]) == ("2b-0.9.8-distilled", 50)
    # 50 expressions, each with its apex and the end as pictures after frame 0
    assert ltx["flops_per_clip"]["total"] == pytest.approx(clip_flops(Work(keyframes={2: 1.0})).total)
    assert ltx["share_of_published"] <= 1 / 8
    h100 = ltx["gpus"]["H100 SXM"]
    assert (h100["preset"], h100["batch_size"]) == ("80gb", 16)
    assert h100["gpu_hours"] == pytest.approx(50 * h100["clip_s"] / 3600)
    assert h100["clip_s"] == pytest.approx(ltx["flops_per_clip"]["total"] / (0.25 * 989e12))
    assert ltx["gpus"]["RTX 4060 8 GB"]["peak_gib"] < 7.2


def test_plan_says_what_it_takes_for_granted(
    plan_words: tuple[str, ...], tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ("--conditioning", "guide", "--model", "Lightricks/LTX-Video-0.9.8-13B-distilled", "--revision", "0" * 40)
    out = said(capsys, *plan_words, "--clips-per-emotion", "2", *own)
    assert "LTX-Video 13b-0.9.8-distilled, guide:" in out
    assert "GPU-hours" in out
    assert "25% of each GPU's dense bf16 peak, as an H100 reached" in out
    assert "LTX-Video tiny, keyframes:" in said(
        capsys, *plan_words, "--clips-per-emotion", "2", "--model", str(tiny_folder)
    )


def test_doctor_shows_the_preset(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA Test")
    monkeypatch.setattr(device_module, "_free_gib", lambda: 15.4)
    (check,) = (one for one in json.loads(said(capsys, "doctor", "--json"))["checks"] if one["name"] == "renderer ltx")
    assert check["ok"]
    assert check["detail"] == "NVIDIA Test, 15.4 GiB free; memory preset 2b: 16gb (batch 4), 13b: 16gb (batch 2)"


def test_doctor_is_healthy_without_a_gpu(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    report = json.loads(said(capsys, "doctor", "--json"))
    (check,) = (one for one in report["checks"] if one["name"] == "renderer ltx")
    assert (report["healthy"], check["ok"], check["needed"]) == (True, False, False)
    assert "torch finds no NVIDIA GPU" in check["remedy"]


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A VAE that loses nothing and a model that follows its guide alone; returns the conditionings asked for."""
    asked: list[str] = []

    def opened(settings: LtxSettings) -> Any:
        asked.append(settings.conditioning)
        if settings.conditioning == "guide":
            return renderer_of(GuideModel())
        return RoundTrip(lambda frames, seed: np.repeat(frames[:1], len(frames), axis=0))

    monkeypatch.setattr(trying, "open_round_trip", lambda settings: RoundTrip(lambda frames, seed: frames))
    monkeypatch.setattr(trying, "open_ltx", opened)
    return asked


def test_survive_tells_what_each_route_leaves(
    stand_ins: list[str], one_person: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("ltx", "survive", "--model", "somewhere", "--faces", f"folder:{one_person}", "--subjects", "1")
    found = json.loads(said(capsys, *words, "--clips", "2", "--sample", "2", "--json"))
    routes = {route["route"]: route for route in found["routes"]}
    assert list(routes) == ["vae", "keyframes", "guide", "text"]
    assert stand_ins == ["keyframes", "guide", "text"]
    assert routes["vae"]["whole"]["clips"] == 2
    assert routes["vae"]["whole"]["survival"] == 1.0
    assert routes["vae"]["verdict"] == "vae: 2 of 2 movements pass the screen; the motion survives"
    assert routes["guide"]["survives"]
    assert routes["guide"]["whole"]["survival"] == pytest.approx(1, abs=0.1)
    assert routes["text"]["whole"] == {
        "clips": 2, "found": 0, "passed": 0, "share": 0.0, "survival": None, "correlation": None, "apex_error": None,
    }  # fmt: skip
    assert routes["text"]["verdict"].endswith("use --conditioning guide or keyframes")
    assert [movement["reason"] for movement in routes["keyframes"]["movements"]] == ["no_peak"] * 2


def test_survive_needs_a_model(capsys: pytest.CaptureFixture[str], one_person: Path) -> None:
    with pytest.raises(SystemExit) as end:
        main(("ltx", "survive", "--faces", f"folder:{one_person}"))
    assert end.value.code == 2
    assert "the ltx renderer needs a model: --model FOLDER" in " ".join(capsys.readouterr().err.split())
