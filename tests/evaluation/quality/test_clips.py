"""Clips of every awkward kind: right numbers, or a refusal in words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
import piq
import pytest
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from equime_builder.errors import UsageError
from equime_evaluation.clips import find_clips
from equime_evaluation.quality.clip import quality_meter
from equime_evaluation.quality.instruments import Instruments
from equime_evaluation.quality.readings import ClipQuality
from equime_evaluation.quality.regression import Regression
from equime_evaluation.quality.statistics import scene_statistics
from tests.evaluation.quality.material import decoded_grey, small_model, textured, turned, write_video

MODEL = small_model()


def measured(path: Path, instruments: Instruments | None = None) -> ClipQuality:
    (clip,) = find_clips([path])
    return quality_meter(instruments or Instruments(regression=MODEL))(clip)


def moving(count: int, height: int = 48, width: int = 64) -> list[np.ndarray]:
    """Return frames of which each has grain of its own, and two in the middle are equal."""
    frames = [textured(height, width, seed) for seed in range(count)]
    frames[count // 2] = frames[count // 2 - 1]
    return frames


def published_loop(frames: list[np.ndarray], model: Regression = MODEL) -> dict[str, float]:
    """Measure grey frames one by one, as the published code does, but without the wrap of its PSNR."""
    pairs = list(pairwise(frames))
    psnr = [100 if (a == b).all() else peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]
    tensors = [torch.from_numpy(frame).float()[None, None] / 255 for frame in frames]
    return {
        "psnr_mean": fmean(psnr),
        "ssim_mean": fmean(structural_similarity(a, b) for a, b in pairs),
        "tv_mean": fmean(piq.total_variation(tensor).item() for tensor in tensors),
        "brisque_mean": fmean(model.score(scene_statistics(frame)) for frame in frames),
    }


def assert_agrees(found: ClipQuality, wanted: dict[str, float]) -> None:
    assert not found.refused
    for name, value in wanted.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-3), name


@pytest.mark.parametrize("size", [(48, 64), (50, 70), (47, 63)])
def test_a_video_has_the_published_loops_values(size: tuple[int, int], tmp_path: Path) -> None:
    odd = size[0] % 2 == 1
    path = write_video(tmp_path / "a.mp4", moving(6, *size), pix_fmt="yuv444p" if odd else "yuv420p")
    found = measured(path)
    assert_agrees(found, published_loop(decoded_grey(path)))
    assert (found.num_frames, found.height, found.width, found.equal_pairs) == (6, *size, 1)
    assert (found.duration_s, found.fps) == (0.25, 24)
    assert found.size_mb == path.stat().st_size / 2**20
    assert found.bitrate_kbps == pytest.approx(8 * path.stat().st_size / 0.25 / 1000)
    assert found.tv_per_pixel == pytest.approx((found.tv_mean or 0) / (size[0] * size[1]) ** 0.5, abs=1e-6)
    assert found.fidelity_psnr is found.fidelity_ssim is found.fidelity_frames is None


def test_a_frozen_clip_is_said_to_be_frozen(tmp_path: Path) -> None:
    found = measured(write_video(tmp_path / "a.mp4", [textured(48, 64)] * 5))
    assert (found.psnr_mean, found.ssim_mean, found.equal_pairs, found.is_frozen) == (100, 1, 4, True)


def test_noise(tmp_path: Path) -> None:
    frames = list(np.random.default_rng(0).integers(0, 256, (5, 48, 64, 3)).astype(np.uint8))
    path = write_video(tmp_path / "a.mp4", frames)
    found = measured(path)
    assert_agrees(found, published_loop(decoded_grey(path)))
    assert found.psnr_mean is not None
    assert found.psnr_mean < 20


def test_a_black_clip_has_no_brisque(tmp_path: Path) -> None:
    found = measured(write_video(tmp_path / "a.mp4", [np.zeros((48, 64, 3), np.uint8)] * 3))
    assert (found.tv_mean, found.brisque_mean, found.brisque_frames, found.psnr_mean) == (0, None, 0, 100)
    assert not found.refused


def test_one_frame_has_no_neighbour_to_be_compared_with(tmp_path: Path) -> None:
    found = measured(write_video(tmp_path / "a.mp4", [textured(48, 64)]))
    assert (found.num_frames, found.psnr_mean, found.ssim_mean, found.is_frozen) == (1, None, None, False)
    assert found.tv_mean is not None
    assert found.duration_s == pytest.approx(1 / 24, abs=1e-6)


def test_a_variable_rate_lasts_as_long_as_its_frames_are_shown(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", moving(5), times=[0, 1, 2, 12, 13])
    found = measured(path)
    assert found.duration_s == pytest.approx(14 / 24, abs=0.01)
    assert found.fps == pytest.approx(5 / (14 / 24), rel=0.02)
    assert_agrees(found, published_loop(decoded_grey(path)))


def test_a_turned_video_is_measured_as_it_is_seen(tmp_path: Path) -> None:
    plain = write_video(tmp_path / "plain.mp4", moving(4))
    path = turned(write_video(tmp_path / "turned.mp4", moving(4)))
    found = measured(path)
    assert (found.width, found.height) == (48, 64)
    seen = decoded_grey(path)
    assert np.array_equal(seen[0], np.rot90(decoded_grey(plain)[0], -1))
    assert_agrees(found, published_loop(seen))


def test_sound_counts_as_bytes_of_the_file_alone(tmp_path: Path) -> None:
    silent = measured(write_video(tmp_path / "silent.mp4", moving(12)))
    sound = measured(write_video(tmp_path / "sound.mp4", moving(12), sound=True))
    assert (sound.num_frames, sound.duration_s, sound.psnr_mean) == (12, 0.5, silent.psnr_mean)
    assert sound.picture_kbps == silent.picture_kbps
    assert sound.bitrate_kbps is not None
    assert silent.bitrate_kbps is not None
    assert sound.bitrate_kbps > silent.bitrate_kbps


@pytest.mark.parametrize("suffix", ["avi", "mkv", "mov"])
def test_other_containers_give_the_same_values(suffix: str, tmp_path: Path) -> None:
    found = measured(write_video(tmp_path / f"a.{suffix}", moving(4)))
    plain = measured(write_video(tmp_path / "a.mp4", moving(4)))
    assert not found.refused
    assert (found.psnr_mean, found.brisque_mean, found.num_frames) == (plain.psnr_mean, plain.brisque_mean, 4)
    assert found.duration_s == pytest.approx(4 / 24, abs=1e-2)


def test_images_are_a_clip_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    frames = moving(11, 33, 31)
    for number, frame in enumerate(frames):
        Image.fromarray(frame).save(tmp_path / f"img{number}.png")
    found = measured(tmp_path)
    greys = [np.asarray(Image.fromarray(frame)) for frame in frames]
    assert found.psnr_rgb_mean is found.duration_s is found.bitrate_kbps is None
    colour = measured(tmp_path, Instruments(regression=MODEL, colour=True, image_fps=22))
    assert (colour.duration_s, colour.fps) == (0.5, 22)
    pairs = list(pairwise(greys))
    psnr = [100 if (a == b).all() else peak_signal_noise_ratio(a, b, data_range=255) for a, b in pairs]
    ssim = [structural_similarity(a, b, channel_axis=2) for a, b in pairs]
    tensors = [torch.from_numpy(frame.transpose(2, 0, 1).copy()).float()[None] / 255 for frame in frames]
    wanted = {
        "psnr_rgb_mean": fmean(psnr),
        "ssim_rgb_mean": fmean(ssim),
        "tv_rgb_mean": fmean(piq.total_variation(tensor).item() for tensor in tensors),
    }
    assert_agrees(colour, wanted)
    assert colour.brisque_rgb_mean == pytest.approx(colour.brisque_mean, abs=1)
    assert colour.psnr_mean == found.psnr_mean


def refusal(path: Path) -> str:
    found = measured(path)
    assert found.psnr_mean is found.tv_mean is found.num_frames is None
    return found.refused


def test_what_cannot_be_measured_is_refused_in_words(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", moving(8)).read_bytes()
    cut, text, tiny = tmp_path / "cut.mp4", tmp_path / "text.mp4", tmp_path / "tiny"
    cut.write_bytes(whole[: len(whole) // 2])
    text.write_text("no video")
    tiny.mkdir()
    Image.fromarray(textured(8, 40)).save(tiny / "a.png")
    assert refusal(cut)
    assert "cannot be read as a video" in refusal(text)
    assert "40 x 8; the least that is measured is 16 x 16" in refusal(tiny)
    Image.fromarray(textured(48, 40)).save(tiny / "a.png")
    Image.fromarray(textured(40, 40)).save(tiny / "b.png")
    assert "frames of one clip must be of one size" in refusal(tiny)
    Image.fromarray(np.zeros((40, 40), np.uint16)).save(tiny / "a.png")
    assert "more than 8 bits" in refusal(tiny)
    (tiny / "a.png").write_bytes(b"\x89PNG no picture")
    assert "cannot be read as an image" in refusal(tiny)


def test_no_clip_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no clip in"):
        find_clips([tmp_path])
    with pytest.raises(UsageError, match="no such file"):
        find_clips([tmp_path / "nowhere"])
    (tmp_path / "notes.txt").touch()
    with pytest.raises(UsageError, match="neither a video"):
        find_clips([tmp_path / "notes.txt"])


def test_batches_have_the_same_values_as_single_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", [*moving(7), np.zeros((48, 64, 3), np.uint8)])
    single = measured(path, Instruments(regression=MODEL, colour=True))
    batched = measured(path, Instruments(regression=MODEL, colour=True, device="cpu:0", batch_size=3))
    assert batched.brisque_frames == 7
    for name in ClipQuality.__dataclass_fields__:
        assert getattr(batched, name) == pytest.approx(getattr(single, name), abs=1e-3), name


class FakeClipIqa(torch.nn.Module):
    """Of piq's interface; the score is the mean level."""

    def __init__(self, data_range: float) -> None:
        super().__init__()
        self.data_range = data_range

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        assert frames.ndim == 4
        return (frames / self.data_range).mean((1, 2, 3))[:, None]


def test_clip_iqa_is_piqs_on_grey_and_colour_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piq, "CLIPIQA", FakeClipIqa)
    path = write_video(tmp_path / "a.mp4", moving(5))
    level = fmean(frame.mean() / 255 for frame in decoded_grey(path))
    for device in ("cpu", "cpu:0"):
        found = measured(path, Instruments(clip_iqa=True, colour=True, device=device, batch_size=2))
        assert found.clip_iqa_mean == pytest.approx(level, abs=1e-5)
        assert found.clip_iqa_rgb_mean == pytest.approx(level, abs=0.05)
        assert found.brisque_mean is None
