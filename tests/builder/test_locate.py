"""Which folder is taken for the dataset, and what is said where none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from equime_builder.errors import DatasetMissingError
from equime_builder.locate import content_key, find_dataset


def dataset_at(place: Path, manifest: str = "{}") -> Path:
    place.mkdir(parents=True)
    (place / "manifest.json").write_text(manifest)
    return place


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EQUIME_HOME", raising=False)


def test_the_first_place_that_is_named_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given, home, beside = (dataset_at(tmp_path / name) for name in ("given", "elsewhere", "equime"))
    assert find_dataset() == beside
    monkeypatch.setenv("EQUIME_HOME", str(home))
    assert find_dataset() == home
    assert find_dataset("given") == find_dataset(given) == given
    monkeypatch.setenv("EQUIME_HOME", "")
    assert find_dataset() == beside


def test_a_wrong_place_is_not_made_up_for_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset_at(tmp_path / "equime")
    monkeypatch.setenv("EQUIME_HOME", "gone")
    with pytest.raises(DatasetMissingError, match=r"gone \(\$EQUIME_HOME\): there is no such folder; build one"):
        find_dataset()


def test_the_home_directory_may_be_abbreviated(tmp_path: Path) -> None:
    place = dataset_at(tmp_path / "home" / "data")
    assert find_dataset("~/data") == place


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (["notes.txt"], "manifest.json is missing, so it was not built by EquiME"),
        (["pyproject.toml", "equime_dataset.py"], "it is a checkout of the EquiME project, not data"),
        (["equime/manifest.json"], "manifest.json is missing, but .*equime has one"),
    ],
)
def test_what_is_wrong_with_a_folder_is_said(tmp_path: Path, files: list[str], fault: str) -> None:
    for name in files:
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).touch()
    with pytest.raises(DatasetMissingError, match=fault):
        find_dataset("folder")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "equime").touch()
    with pytest.raises(DatasetMissingError, match=r"as neither data_dir nor .* is set.*it is not a folder"):
        find_dataset()


def test_the_content_key_follows_the_manifest(tmp_path: Path) -> None:
    one, same, other = (dataset_at(tmp_path / name, text) for name, text in (("a", "{}"), ("b", "{}"), ("c", "{} ")))
    assert content_key(one) == content_key(same) != content_key(other)
    # SHA-256 of "{}", by sha256sum
    assert content_key(one) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
