"""The source never does what would hand the machine to the bytes that it reads; held call by call, by its syntax."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[1]
_SOURCES: Final = ("builder", "evaluation", "generation", "examples", "benchmarks", "equime_dataset.py")

BANNED: Final = {
    "pickle.load": "runs what the bytes say",
    "pickle.loads": "runs what the bytes say",
    "pickle.Unpickler": "runs what the bytes say",
    "joblib.load": "is pickle",
    "shelve.open": "is pickle",
    "marshal.loads": "crashes on bytes of strangers",
    "yaml.load": "makes objects of any class; take yaml.safe_load",
    "yaml.unsafe_load": "makes objects of any class",
    "eval": "runs text",
    "exec": "runs text",
    "os.system": "hands text to a shell",
    "os.popen": "hands text to a shell",
    "shutil.unpack_archive": "writes where the archive says",
    "tempfile.mktemp": "names a file that somebody else may make first",
}
UNPACKING: Final = ("extractall", "extract")
LISTENING_TO_ALL: Final = ("0.0.0.0", "::")


def sources() -> Iterator[Path]:
    for name in _SOURCES:
        yield from [_ROOT / name] if name.endswith(".py") else sorted((_ROOT / name).rglob("*.py"))


def faults(text: str) -> Iterator[str]:
    tree = ast.parse(text)
    names = dict(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in LISTENING_TO_ALL:
            yield f"line {node.lineno}: {node.value!r} listens to every machine; take 127.0.0.1"
        if isinstance(node, ast.Call):
            yield from (f"line {node.lineno}: {fault}" for fault in _call_faults(node, names))


def _imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _call_faults(call: ast.Call, names: dict[str, str]) -> Iterator[str]:
    written = ast.unparse(call.func)
    first, dot, rest = written.partition(".")
    called = f"{names.get(first, first)}{dot}{rest}"
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if called in BANNED:
        yield f"{called} {BANNED[called]}"
    if called in ("numpy.load", "np.load") and given.get("allow_pickle") != "False":
        yield "np.load needs allow_pickle=False"
    if called == "torch.load" and given.get("weights_only") != "True":
        yield "torch.load needs weights_only=True"
    if isinstance(call.func, ast.Attribute) and call.func.attr in UNPACKING:
        yield f"{written} writes where the archive says"
    if given.get("shell") == "True":
        yield f"{written} hands text to a shell"
    if given.get("trust_remote_code") == "True":
        yield f"{written} runs code of a repository"
    if given.get("share") == "True":
        yield f"{written} opens the page to the internet"
    if called == "PIL.Image.open" and "formats" not in given:
        yield "Image.open needs formats: Pillow would try decoders that start programs"


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.relative_to(_ROOT).as_posix())
def test_nothing_hands_the_machine_to_outside_bytes(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle\npickle.load(f)",
        "from pickle import loads as read\nread(b)",
        "import numpy as np\nnp.load(f)",
        "import numpy as np\nnp.load(f, allow_pickle=True)",
        "torch = need('torch')\ntorch.load(f)",
        "import yaml\nyaml.load(f)",
        "eval(text)",
        "tar.extractall(folder)",
        "import shutil\nshutil.unpack_archive(a)",
        "serve(host='0.0.0.0')",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "from PIL import Image\nImage.open(f)",
        "model.from_pretrained(name, trust_remote_code=True)",
    ],
)
def test_each_fault_would_be_found(text: str) -> None:
    assert list(faults(text))


def test_what_is_safe_is_no_fault() -> None:
    safe = [
        "import numpy as np\nnp.load(f, allow_pickle=False)",
        "import torch\ntorch.load(f, weights_only=True)",
        "import yaml\nyaml.safe_load(f)",
        "from PIL import Image\nImage.open(f, formats=['PNG'])",
        "model.eval()",
        "serve(host='127.0.0.1')",
    ]
    assert [list(faults(text)) for text in safe] == [[]] * len(safe)
