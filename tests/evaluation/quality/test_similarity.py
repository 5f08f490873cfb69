import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from equime_evaluation.quality.similarity import WindowSums, ssim
from tests.evaluation.quality.material import grey


def ours(first: np.ndarray, second: np.ndarray) -> float:
    return ssim(WindowSums.of(first), WindowSums.of(second))


@given(height=st.integers(7, 150), width=st.integers(7, 40), seed=st.integers(0, 99), spread=st.floats(0, 60))
def test_it_is_scikit_images(height: int, width: int, seed: int, spread: float) -> None:
    first = grey(height, width, seed)
    noise = np.random.default_rng(seed).normal(0, spread, first.shape)
    second = np.clip(np.rint(first + noise), 0, 255).astype(np.uint8)
    assert ours(first, second) == pytest.approx(structural_similarity(first, second), abs=1e-6)


def test_extremes() -> None:
    black = np.zeros((32, 40), np.uint8)
    white, picture = black + np.uint8(255), grey(32, 40)
    pairs = [(black, black), (black, white), (white, white), (picture, picture), (picture, 255 - picture)]
    for first, second in pairs:
        assert ours(first, second) == pytest.approx(structural_similarity(first, second), abs=1e-6)
    # Even areas: luminance alone, (2 x y + C1) / (x^2 + y^2 + C1) with C1 = 2.55^2.
    assert ours(black, white) == pytest.approx(2.55**2 / (255**2 + 2.55**2), abs=1e-9)
    assert ours(picture, picture) == pytest.approx(1, abs=1e-7)
