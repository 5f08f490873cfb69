"""Datasheet and Croissant file: against the rows, against mlcroissant, and against themselves written again."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from equime_builder.findings import Finding
from equime_builder.folder import complete_folder
from equime_builder.layout import PAPER_FILES, SPOTTING_FOLDER, TAR_FOLDER, tar_path, tar_twin
from equime_builder.manifest import read_manifest
from equime_builder.papers import write_papers
from equime_builder.records import Reject
from equime_builder.schema import COLUMN_NAMES, features
from equime_builder.shards import write_rows
from equime_builder.splits import assign
from equime_builder.spotting import SPOTTING_COLUMNS
from equime_builder.tars import write_tar
from equime_builder.verify import verify
from equime_builder.vqa_shards import write_vqa
from tests.builder.test_spotting import spotting_row
from tests.samples import byte_row, people, person, plan

UNFILLED = re.compile(r"More Information Needed|\bTODO\b|\bTBD\b|\bFIXME\b|<[a-z ]+>|\{\w*\}")

# mlcroissant 1.1 uses what rdflib 7 and pandas 3 call deprecated.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def full(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny dataset with spotting, questions and tar files; only read."""
    root = Path(shutil.copytree(tiny_dataset, tmp_path_factory.mktemp("full") / "equime"))
    rows = [spotting_row(subject) for subject in people(3)[:2]]
    write_rows(root / f"{SPOTTING_FOLDER}/train-00000.parquet", rows, SPOTTING_COLUMNS)
    shard = "data/fear/train-00000.parquet"
    fear = pq.read_table(root / shard).to_pylist()
    write_tar(root / tar_twin(shard), [{**row, "recipe": {}, "messages": []} for row in fear])
    write_tar(root / tar_path("spotting", "train", 0), rows, SPOTTING_COLUMNS)
    write_vqa(root)
    complete(root)
    return root


def complete(root: Path, **changes: Any) -> None:
    subjects = people(3)
    planned = {"data/fear/train-00000.parquet": [plan(subjects[0], "fear", take) for take in range(25)]}
    known: dict[str, Any] = {"plans": planned, "rejects": []} | changes
    complete_folder(root, config={}, code_version="1", subjects=subjects, placements=assign(subjects), **known)


def records(root: Path, name: str) -> list[dict[str, Any]]:
    mlcroissant = pytest.importorskip("mlcroissant", reason="install the group dev")
    found = mlcroissant.Dataset(jsonld=root / "croissant.json").records(name)
    return [{key.removeprefix(f"{name}/"): value for key, value in record.items()} for record in found]


def issues(root: Path) -> list[str]:
    mlcroissant = pytest.importorskip("mlcroissant", reason="install the group dev")
    context = mlcroissant.Dataset(jsonld=root / "croissant.json").metadata.ctx
    assert not context.issues.errors
    return sorted(context.issues.warnings)


def plain(value: Any) -> Any:
    """Return a value of mlcroissant as Python knows it, its keys cut to their last part."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key.rpartition("/")[2]: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value


def test_mlcroissant_finds_nothing_wrong_but_the_date_that_nobody_knows(tiny_dataset: Path, full: Path) -> None:
    for root in (tiny_dataset, full):
        (warning,) = issues(root)
        assert "datePublished" in warning


def test_mlcroissant_reads_every_row_as_pyarrow_does(tiny_dataset: Path) -> None:
    found = {
        row["id"]: row
        for row in map(plain, ({**row, "video": len(row["video"])} for row in records(tiny_dataset, "clips")))
    }
    wanted = [row for path in tiny_dataset.glob("data/*/*.parquet") for row in pq.read_table(path).to_pylist()]
    assert sorted(found) == sorted(row["id"] for row in wanted)
    assert tuple(next(iter(found.values()))) == COLUMN_NAMES
    for row in wanted:
        same = found[row["id"]]
        assert same.pop("video") == len(row["video"]["bytes"]) == row["size_bytes"]
        for name, value in same.items():
            if isinstance(row[name], list | dict) or row[name] is not None:
                assert value == row[name], name
            elif isinstance(value, dict):  # a struct that is not there has no values
                assert set(value.values()) == {None}
            else:
                assert value is None


def test_spotting_and_questions_are_record_sets_of_their_own(full: Path) -> None:
    assert len(records(full, "clips")) == len(records(full, "vqa")) == 18
    events = [plain(record["events"]) for record in records(full, "spotting")]
    assert [[event["emotion"] for event in of_clip] for of_clip in events] == [["happiness", "anger"]] * 2


def test_a_folder_of_tar_files_alone_is_described(full: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(full, tmp_path / "equime"))
    shutil.rmtree(root / "vqa")
    complete(root, tar_only=True)
    assert len(issues(root)) == 1
    content = json.loads((root / "croissant.json").read_text())
    sets = {entry["@id"]: entry for entry in content["distribution"] if entry["@type"] == "cr:FileSet"}
    assert sets["clips-files"]["containedIn"] == [{"@id": f"{TAR_FOLDER}/fear/train-00000.tar"}]
    assert sets["spotting-files"]["containedIn"] == [{"@id": f"{TAR_FOLDER}/spotting/train-00000.tar"}]
    names = [field["name"] for field in content["recordSet"][0]["field"]]
    assert names == [name for name in COLUMN_NAMES if name != "video"]


def test_every_file_stands_there_with_its_hash(full: Path) -> None:
    content = json.loads((full / "croissant.json").read_text())
    files = {entry["@id"]: entry for entry in content["distribution"] if entry["@type"] == "cr:FileObject"}
    entries = read_manifest(full).files
    assert {name: entry["sha256"] for name, entry in files.items()} == {entry.path: entry.sha256 for entry in entries}
    assert files["plan.parquet"]["contentSize"] == f"{(full / 'plan.parquet').stat().st_size} B"


def test_the_fields_of_responsible_ai(tiny_dataset: Path) -> None:
    content = json.loads((tiny_dataset / "croissant.json").read_text())
    assert content["conformsTo"] == ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
    assert content["rai:hasSyntheticData"] is True
    assert content["rai:machineAnnotationTools"] == ["motion: test 1"]
    # t001 and t002 are women of tone III and V, t003 a man of tone VI
    assert content["rai:dataBiases"][-1].endswith("tone: 1 female, III; 1 female, V; 1 male, VI.")
    assert any("detecting deception" in text for text in content["rai:dataLimitations"])
    assert "drawn by a test" in content["rai:personalSensitiveInformation"][0]


def answer(root: Path, question: str) -> str:
    text = (root / "datasheet.md").read_text()
    found = re.search(rf"\*\*{re.escape(question)}\*\*\n\n(.*?)(?=\n\n\*\*|\n\n## |\Z)", text, re.S)
    assert found, question
    return " ".join(found[1].split())


def test_the_datasheet_answers_every_part(tiny_dataset: Path) -> None:
    text = (tiny_dataset / "datasheet.md").read_text()
    assert re.findall("^## (.+)$", text, re.M) == [
        "Motivation", "Composition", "Collection process", "Preprocessing, cleaning, labelling",
        "Uses", "Distribution", "Maintenance",
    ]  # fmt: skip
    assert len(re.findall(r"^\*\*.+\?\*\*$", text, re.M)) >= 35
    assert "18 clips on 3 people:" in answer(tiny_dataset, "How many instances are there, of each type?")
    assert "| train | 6 |" in answer(tiny_dataset, "Are there recommended splits?")
    assert "6 of 12 (50.0 %)" in answer(tiny_dataset, "Is any information missing?")
    groups = answer(tiny_dataset, "Does it identify subpopulations?")
    assert "in the words of: drawn by a test" in groups
    assert "| female | 2 | | male | 1 |" in groups
    assert "| 45% Middle Eastern, 55% North African | 3 |" in groups
    assert "CC0-1.0" in answer(tiny_dataset, "Have third parties imposed restrictions?")


def test_what_was_dropped_is_counted_by_reason(tiny_dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    lost = Reject(
        kind="clip", id="x", reason="apex", detail="", subject_id="t001", emotion="fear", attempt=2, final=True
    )
    tried = replace(lost, reason="folded", attempt=1, final=False)
    photo = replace(lost, kind="photo", reason="two | faces\n", subject_id=None, emotion=None)
    complete(root, rejects=[lost, tried, lost, photo])
    assert "25 clips were planned, and 18 were kept." in answer(root, "Is it a sample of a larger set?")
    dropped = answer(root, "Was any preprocessing, cleaning or labelling done?")
    assert dropped.endswith("Clips that were dropped: 2. | reason | number | | --- | --- | | apex | 2 |")
    assert "| two \\| faces | 1 |" in answer(root, "What was the sampling strategy?")


def test_a_licence_that_binds_is_said(tmp_path: Path) -> None:
    rows = [
        {**byte_row(1, b"a"), "source_license": "mine, not to be\npassed on"},
        {**byte_row(2, b"a"), "source_license": "??"},
    ]
    write_rows(tmp_path / "data/fear/train-00000.parquet", rows)
    complete(tmp_path)
    bound = answer(tmp_path, "Have third parties imposed restrictions?")
    assert bound.startswith("- mine, not to be passed on: **clips must not be passed on**")
    assert "- ??: ask whoever holds the rights first" in bound


def test_many_words_for_ethnicity_are_cut_and_counted(tmp_path: Path) -> None:
    rows = [{**byte_row(n, b"a"), "subject_id": f"s{n}", "ethnicity": f"group {n:02d}"} for n in range(30)]
    write_rows(tmp_path / "data/fear/train-00000.parquet", rows)
    complete(tmp_path)
    assert "| group 23 | 1 | | 6 others | 6 |" in answer(tmp_path, "Does it identify subpopulations?")


@pytest.mark.parametrize("name", PAPER_FILES)
def test_no_marker_is_unfilled(full: Path, name: str) -> None:
    text = (full / name).read_text()
    prose = re.sub(r"```.*?```|^---\n.*?\n---\n|<id>|<emotion>|<split>|<number>", "", text, flags=re.S)
    if name != "croissant.json":
        assert not UNFILLED.findall(prose)
    assert "\n\n\n" not in text
    assert text.endswith("\n")


def test_the_same_folder_gives_the_same_papers(full: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(full, tmp_path / "elsewhere"))
    write_papers(other, read_manifest(other))
    for name in PAPER_FILES:
        assert (other / name).read_bytes() == (full / name).read_bytes()


def test_verify_knows_the_papers(tiny_dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    (root / "datasheet.md").unlink()
    (root / "LICENSE").unlink()
    text = (root / "croissant.json").read_text()
    (root / "croissant.json").write_text(text.replace(read_manifest(root).contents, "0" * 16))
    (tmp_path / "card").write_text((root / "README.md").read_text())
    (root / "README.md").unlink()
    (root / "README.md").symlink_to(tmp_path / "card")
    assert [(found.file, found.rule) for found in verify(root)] == [
        ("README.md", "outside"), ("datasheet.md", "missing"), ("croissant.json", "paper"), ("LICENSE", "missing"),
    ]  # fmt: skip
    assert "equime verify --repair" in Finding(file="croissant.json", rule="paper", detail="").next_step


def test_types_follow_the_schema(tiny_dataset: Path) -> None:
    content = json.loads((tiny_dataset / "croissant.json").read_text())
    fields = {field["name"]: field for field in content["recordSet"][0]["field"]}
    assert fields["fps"]["dataType"] == "cr:Float64"
    assert fields["video"]["dataType"] == "sc:VideoObject"
    assert (fields["au_intensity"]["isArray"], fields["au_intensity"]["arrayShape"]) == (True, "36")
    assert fields["emotion"]["description"].endswith(
        ", ".join(f"{n} {name}" for n, name in enumerate(features()["emotion"].names))
    )
    assert person(1).source not in json.dumps(content["recordSet"])
