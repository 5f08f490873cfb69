"""Windows and macOS: nothing that only Linux has on any path, and no name that another file system reads differently.

What cannot be seen from Linux stands in docs/systems.md.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from equime_builder import publish
from equime_builder.records import DEVICE_NAMES, Demographics, Subject

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("builder", "evaluation", "generation", "examples", "equime_dataset.py")
GUARDS = re.compile(r"hasattr\(os, |os\.name\b|sys\.platform\b")
ELSEWHERE = ("/tmp", "/dev/", "/proc/", "/var/", "/etc/", "/usr/", "/home/", "/bin/")
OTHERS_OPEN = {"tarfile", "av", "Image", "fsspec", "os", "zipfile"}


@cache
def trees() -> dict[str, ast.Module]:
    places = [ROOT / name for name in SOURCES]
    files = [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*.py")))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


@cache
def names_in(module: str, platform: str) -> frozenset[str]:
    """Return what a module of the standard library has on a platform, as typeshed says."""
    found = importlib.util.find_spec("mypy")
    assert found is not None
    assert found.submodule_search_locations is not None
    stubs = Path(found.submodule_search_locations[0]) / "typeshed" / "stdlib"
    place = next((path for path in (stubs / f"{module}.pyi", stubs / module / "__init__.pyi") if path.is_file()), None)
    if place is None:
        return frozenset()
    around = {"sys": SimpleNamespace(platform=platform, version_info=sys.version_info), "TYPE_CHECKING": True}
    return frozenset(_bound(ast.parse(place.read_text(encoding="utf-8")).body, around))


def _bound(body: list[ast.stmt], around: dict[str, object]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If):
            there = eval(ast.unparse(node.test), dict(around))
            yield from _bound(node.body if there else node.orelse, around)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            yield from ((alias.asname or alias.name) for alias in node.names)


def lacking(module: str, name: str, platform: str) -> bool:
    return name in names_in(module, "linux") - names_in(module, platform)


def guarded_in(tree: ast.Module) -> set[int]:
    """Return the nodes that run only after the system was asked for."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.IfExp) and GUARDS.search(ast.unparse(node.test))
        for inner in ast.walk(node)
    }


def used(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield line, module and name of what is taken from modules, where no guard asks for the system first."""
    guarded = guarded_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and id(node) not in guarded:
            yield node.lineno, node.value.id, node.attr


def imported(tree: ast.Module) -> set[str]:
    guarded = guarded_in(tree)
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Import) and id(node) not in guarded)
    return {alias.name for node in found for alias in node.names}


def linux_only(tree: ast.Module, platform: str) -> list[str]:
    modules = imported(tree)
    found = [
        f"{line}: {module}.{name}"
        for line, module, name in used(tree)
        if module in sys.stdlib_module_names and lacking(module, name, platform)
    ]
    # a module all of whose names are missing is missing itself: fcntl, pwd, resource
    return found + sorted(
        name
        for name in modules & sys.stdlib_module_names
        if names_in(name, "linux") and len(names_in(name, platform) - {"sys"}) <= len(names_in(name, "linux")) / 10
    )


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_nothing_is_called_that_another_system_lacks(platform: str) -> None:
    assert {name: found for name, tree in trees().items() if (found := linux_only(tree, platform))} == {}


@pytest.mark.parametrize(
    "code", ["import os\nos.fork()", "import fcntl", "from os import getuid", "import signal\nx = signal.SIGKILL"]
)
def test_the_check_can_fail(code: str) -> None:
    assert linux_only(ast.parse(code), "win32")
    assert not linux_only(ast.parse("import os\nn = os.fork() if hasattr(os, 'fork') else 0"), "win32")
    assert linux_only(ast.parse("import os\nos.sched_getaffinity(0)"), "darwin")


def text_without_encoding(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(word.arg == "encoding" for word in node.keywords):
            continue
        if isinstance(node.func, ast.Attribute):
            owner, called = ast.unparse(node.func.value).partition(".")[0], node.func.attr
            is_text = {"read_text": not node.args, "write_text": len(node.args) < 2}
            is_text["open"] = owner not in OTHERS_OPEN and all(map(_is_text_mode, node.args))
            if is_text.get(called, False):
                yield node.lineno
        elif isinstance(node.func, ast.Name) and node.func.id == "open" and all(map(_is_text_mode, node.args[1:])):
            yield node.lineno


def _is_text_mode(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "b" not in node.value


def test_text_is_never_in_the_encoding_of_the_machine() -> None:
    assert {name: lines for name, tree in trees().items() if (lines := list(text_without_encoding(tree)))} == {}
    bad = "open('x')\npath.open()\npath.read_text()\npath.open('w')\npath.write_text(x)"
    assert list(text_without_encoding(ast.parse(bad))) == [1, 2, 3, 4, 5]
    assert not list(text_without_encoding(ast.parse("open('x', 'rb')\npath.open('wb')\ntarfile.open('x')")))


def other_habits(tree: ast.Module) -> Iterator[str]:
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            if node.value.startswith(ELSEWHERE):
                yield f"{node.lineno}: a place that only Linux has, {node.value!r:.40}"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            inside = [ast.unparse(argument) for argument in node.args]
            if called.endswith(".rename"):
                yield f"{node.lineno}: rename fails on Windows where the target is there; use os.replace"
            if called == "str" and "relative_to" in inside[0]:
                yield f"{node.lineno}: a relative path has the system's separators; use as_posix()"
            if called in ("multiprocessing.Process", "multiprocessing.Pool"):
                yield f"{node.lineno}: processes fork on Linux alone; use get_context('spawn')"
            if called.endswith("get_context") and inside != ["'spawn'"]:
                yield f"{node.lineno}: start processes by spawn, as every system can"


def test_paths_processes_and_renames_work_alike_everywhere() -> None:
    assert {name: found for name, tree in trees().items() if (found := list(other_habits(tree)))} == {}
    bad = "p.rename(q)\nstr(p.relative_to(q))\nmultiprocessing.Pool(2)\nget_context('fork')\nx = '/tmp/x'"
    assert len(list(other_habits(ast.parse(bad)))) == 5


def test_no_file_of_the_project_has_a_name_that_another_system_refuses() -> None:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    names = listed.decode().rstrip("\0").split("\0")
    parts = {part for name in names for part in name.split("/")}
    assert not [part for part in parts if re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', part)]
    assert not [part for part in parts if part.partition(".")[0].lower() in DEVICE_NAMES]
    assert not [name for name, count in Counter(name.casefold() for name in names).items() if count > 1]
    assert max(map(len, names)) < 120


@pytest.mark.parametrize("word", ["con", "nul", "com1", "lpt9"])
def test_nobody_is_called_as_a_device_of_windows_is(word: str) -> None:
    with pytest.raises(ValueError, match="Windows"):
        Subject(id=word, demographics=Demographics(), source="s", source_sha256="0" * 64, source_license="CC0-1.0")


def test_folders_are_not_flushed_where_none_can_be_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[object] = []
    monkeypatch.setattr(publish, "_flush", lambda *given: opened.append(given))
    monkeypatch.setattr(os, "name", "nt")
    publish._flush_folder(tmp_path)
    assert opened == []
