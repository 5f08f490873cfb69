import numpy as np
import piq
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio

from equime_evaluation.quality.signal import psnr, total_variation
from tests.evaluation.quality.material import grey, textured


@pytest.mark.parametrize("levels", [1, 15, 16, 20, 100, 255])
def test_psnr_of_an_even_difference_is_that_of_its_square(levels: int) -> None:
    # The published code says 100 dB at 16 levels, 26.6 at 20 and 36.1 at 100: its differences wrap at 256.
    low = np.zeros((20, 30), np.uint8)
    assert psnr(low, low + np.uint8(levels)) == pytest.approx(20 * np.log10(255 / levels))
    assert psnr(low + np.uint8(levels), low) == pytest.approx(20 * np.log10(255 / levels))


def test_psnr_is_scikit_images_in_grey_and_colour() -> None:
    for first, second in ((grey(61, 40), grey(61, 40, 1)), (textured(61, 40), textured(61, 40, 1))):
        assert psnr(first, second) == pytest.approx(peak_signal_noise_ratio(first, second, data_range=255), abs=1e-9)


def test_equal_frames_count_a_hundred() -> None:
    assert psnr(grey(20, 20), grey(20, 20)) == 100


@given(height=st.integers(2, 40), width=st.integers(2, 40), seed=st.integers(0, 99))
def test_total_variation_is_piqs(height: int, width: int, seed: int) -> None:
    frame = np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)
    colour = torch.from_numpy(frame.transpose(2, 0, 1).copy()).float()[None] / 255
    assert total_variation(frame) == pytest.approx(piq.total_variation(colour).item(), abs=1e-3)
    assert total_variation(frame[..., 0].copy()) == pytest.approx(piq.total_variation(colour[:, :1]).item(), abs=1e-3)


def test_total_variation_of_a_step() -> None:
    step = np.zeros((4, 6), np.uint8)
    step[:, 3:] = 255
    assert total_variation(step) == pytest.approx(2.0)  # the root of four rows
