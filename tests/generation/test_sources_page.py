"""docs/sources.md names every source, and what it shows runs."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from equime_builder.licenses import may_be_passed_on
from equime_generation.cli import main
from equime_generation.cli.options import _HELP
from equime_generation.sources import SOURCES, celeba_hq, lfw, open_source
from equime_generation.sources.celeba_attributes import MUST_BE_ABSENT
from equime_generation.sources.ffhq import LICENSES
from tests.generation.face_sets import celeba_folder, portrait, put

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_has_its_place(name: str) -> None:
    assert f"| `{name}" in TEXT
    assert name == "openpeople" or f"\n## {name}:DIR\n" in TEXT
    assert name in _HELP["faces"]


def test_every_condition_and_licence_stands_there() -> None:
    for word in (*MUST_BE_ABSENT, *(name.removesuffix(" 1.0") for name in LICENSES.values()), celeba_hq.DECLARED_BY):
        assert word in TEXT, word
    assert [may_be_passed_on(source.LICENSE) for source in (celeba_hq, lfw)] == [False, False]


def test_the_python_lines_run() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert (result.failed, result.attempted) == (0, 4)


def test_the_table_of_the_page_can_be_read(tmp_path: Path) -> None:
    (table,) = re.findall(r"```csv\n(.*?)```", TEXT, flags=re.S)
    put(tmp_path / "anna" / "portrait.jpg", b"a")
    put(tmp_path / "bo.png", b"b")
    put(tmp_path / "metadata.csv", table)
    photos = open_source(f"folder:{tmp_path}")
    assert [(photo.subject_id, may_be_passed_on(photo.license)) for photo in photos] == [
        ("anna-1", True),
        ("bo-1", False),
    ]


def test_the_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    present = {"0.jpg": {"Young"}, "1.jpg": {"Male"}, "2.jpg": {"Young"}, "3.jpg": {"Smiling"}}
    photos = {f"{number}.jpg": portrait(number + 1) for number in range(3)}
    celeba_folder(tmp_path / "CelebAMask-HQ", present, photos)
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^\$ equime (.*)$", TEXT, flags=re.M)
    with pytest.raises(SystemExit) as end:
        main(shlex.split(command))
    captured = capsys.readouterr()
    assert end.value.code in (0, None)
    assert "2 subjects, 4 clips" in captured.out
    assert "left out: attribute 1, surplus 1" in captured.err
