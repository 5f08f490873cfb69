"""What commands print is written below them, in README and in docs/training.md."""

from __future__ import annotations

from pathlib import Path

from docs.transcripts import DEMO, ROOT, page, readme, run_in

TRAINING = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_is_below_a_command_is_replaced_and_nothing_else() -> None:
    silent = "```console\n$ python examples/a.py\n```\n"
    other = "```console\n$ pip install x\nlines\n```\n"
    shown = "```console\n$ python examples/b.py --x 1\n{}```\n```python\n1\n```\n"
    asked: list[str] = []

    def run(line: str) -> str:
        asked.append(line)
        return "new 1\nnew 2\n"

    assert page(silent + other + shown.format("old\n"), run) == silent + other + shown.format("new 1\nnew 2\n")
    assert asked == ["python examples/b.py --x 1"]


def test_the_files_have_places_to_write_to() -> None:
    asked: list[str] = []

    def run(line: str) -> str:
        asked.append(line)
        return "printed\n"

    assert readme(README, run).count("```text\nprinted\n```\n") == 1
    page(TRAINING, run)
    assert asked[0] == DEMO
    assert [line.split()[1] for line in asked[1:]] == [
        "examples/train_vlm.py",
        "examples/train_vlm.py",
        "examples/train_classifier.py",
    ]


def test_a_command_runs_where_it_is_told_to(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("import os, sys\nprint(os.getcwd(), sys.argv[1:])\n")
    (tmp_path / "place").mkdir()
    printed = run_in(tmp_path / "place", f"python {script.as_posix()} --x '1 2'")
    assert printed == f"{tmp_path / 'place'} ['--x', '1 2']\n"
