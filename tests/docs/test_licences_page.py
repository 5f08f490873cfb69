"""docs/licences.md names every source, licence and package that there is, and CITATION.cff and forms say what is so."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml

from equime_builder import __version__
from equime_builder.licenses import may_be_passed_on
from equime_generation.sources import SOURCES, celeba_hq, lfw
from equime_generation.sources.ffhq import LICENSES

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib  # type: ignore[import-not-found, no-redef]

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
VERDICTS = {True: "yes", False: "**no**"}


def rows(heading: str) -> list[list[str]]:
    lines = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return found[2:]


def packages() -> dict[str, str]:
    return {cells[0].strip("`"): cells[1] for cells in rows("Packages")}


def test_every_source_stands_there() -> None:
    names = {cells[0].strip("`").partition(":")[0] for cells in rows("Photos") if cells[0]}
    assert names == set(SOURCES)


@pytest.mark.parametrize("licence", [celeba_hq.LICENSE, lfw.LICENSE, "MIT", *LICENSES.values()])
def test_verdicts_are_those_of_the_code(licence: str) -> None:
    (verdict,) = (cells[2] for cells in rows("Photos") if cells[1] == licence)
    assert verdict == VERDICTS[bool(may_be_passed_on(licence))]


def test_every_package_stands_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {str(re.match(r"[\w.-]+", one)[0]) for requirements in lists for one in requirements}  # type: ignore[index]
    assert wanted - {"equime"} == set(packages()), "add a line for each to docs/licences.md, Packages"


@pytest.mark.parametrize(("name", "licence"), packages().items())
def test_licences_are_those_that_packages_state(name: str, licence: str) -> None:
    try:
        found = metadata(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed here")
    fields = [*(found.get_all("License-Expression") or []), *(found.get_all("License") or [])]
    stated = " ".join([*fields, *(line for line in found.get_all("Classifier") or [] if line.startswith("License"))])
    family = re.match(r"Apache|MIT|BSD|PSF|MPL|LGPL", licence)
    assert family, licence
    if stated.strip():
        word = {"PSF": "PSF|Python Software", "BSD": "BSD"}.get(family[0], family[0])
        assert re.search(word, stated, re.I), f"{name} states {stated:.80}"


def test_the_citation_is_that_of_this_version() -> None:
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(found), "what CFF 1.2.0 asks for"
    assert found["version"] == __version__
    assert found["license"] == "Apache-2.0"
    assert not {"doi", "url", "repository-code", "identifiers", "date-released"} & set(found), "nobody knows these yet"


@pytest.mark.parametrize("name", ["bug", "data"])
def test_forms_ask_for_system_and_log(name: str) -> None:
    form = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text(encoding="utf-8"))
    needed = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}
    assert {"system", "log"} <= needed
    assert {"name", "description", "body"} <= set(form)
