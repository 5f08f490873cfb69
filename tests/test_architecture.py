"""Imports point one way, files stay small, and importing the library stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BUILDER, EVALUATION, GENERATION = "equime_builder", "equime_evaluation", "equime_generation"
ALLOWED = {
    "builder": {BUILDER},
    "evaluation": {EVALUATION, BUILDER},
    "generation": {GENERATION, EVALUATION, BUILDER},
    "equime_dataset.py": {"equime_dataset", BUILDER, GENERATION},
}
HEAVY = {"torch", "torchvision", "diffusers", "transformers", "deepface", "mediapipe", "decord", "torchcodec"} | {
    "cv2",
    "gradio",
}
MOST_LINES = 400


def sources(where: str) -> list[Path]:
    place = ROOT / where
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("where", ALLOWED)
def test_imports_point_one_way(where: str) -> None:
    for path in sources(where):
        ours = {name for name in imported(path) if name.startswith("equime_")}
        assert ours <= ALLOWED[where], f"{path.relative_to(ROOT)} imports {ours - ALLOWED[where]}"


def test_only_the_function_that_makes_missing_clips_imports_the_renderers() -> None:
    tree = ast.parse((ROOT / "equime_dataset.py").read_text(encoding="utf-8"))
    importing = {
        getattr(part, "name", "the module")
        for part in tree.body
        for node in ast.walk(part)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(GENERATION)
    }
    assert importing == {"_make_missing"}


@pytest.mark.parametrize("where", [*ALLOWED, "tests", "benchmarks"])
def test_no_file_is_long(where: str) -> None:
    long = {path.name: count for path in sources(where) if (count := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_no_drawer_files() -> None:
    drawers = {"utils", "helpers", "common", "misc", "legacy"}
    assert not [path for where in ALLOWED for path in sources(where) if path.stem in drawers]


def heavy_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*{HEAVY!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement", ["import equime_dataset", "import equime_evaluation", "import equime_generation.cli"]
)
def test_import_is_light(statement: str) -> None:
    assert heavy_after(statement) == set()


def test_the_light_import_check_can_fail() -> None:
    assert heavy_after("import cv2") == {"cv2"}
