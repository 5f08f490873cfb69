"""Push and pull through the real client, against a Hub on loopback that takes commits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi
from huggingface_hub.utils.tqdm import disable_progress_bars, enable_progress_bars

from equime_builder.digests import sha256_of_file
from equime_builder.errors import DatasetError, TransferError, UsageError
from equime_builder.folder import complete_folder
from equime_builder.hub import pull, push
from equime_builder.hub.client import in_our_words
from equime_builder.manifest import read_manifest
from equime_builder.recipes import write_recipe_release
from equime_builder.records import Reject
from equime_builder.tables import read_plans, read_rejects, read_shards, read_subjects
from equime_builder.verify import verify
from equime_generation.cli import main
from tests.dataset.conftest import RunPython
from tests.dataset.writing_hub import WritingHub, taking_commits

REPO = "org/equime"
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # how the client itself uploads


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WritingHub]:
    with taking_commits(tmp_path / "hub") as running:
        address = running.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        known = {"ENDPOINT": running.endpoint, "HUGGINGFACE_CO_URL_TEMPLATE": address}
        for name, value in (known | {"HF_HUB_DISABLE_XET": True, "HF_HUB_OFFLINE": False}).items():
            monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
        monkeypatch.setenv("HF_TOKEN", "hf_of_a_test")
        disable_progress_bars()
        yield running
        enable_progress_bars()


def describe(
    folder: Path, *, license: str = "CC0-1.0", faces: str = "openpeople", rejects: tuple[Reject, ...] = ()
) -> None:
    """Give a folder other licences, another source and other rejects."""
    people = read_subjects(folder / "subjects.parquet")
    shard_of = read_shards(folder / "plan.parquet")
    plans: dict[str, list[object]] = {}
    for found in read_plans(folder / "plan.parquet"):
        plans.setdefault(shard_of[found.clip_id], []).append(found)
    complete_folder(
        folder,
        config={**read_manifest(folder).config, "faces": faces},
        code_version="0.1.0",
        subjects=[replace(subject, source_license=license) for subject, _ in people.values()],
        placements={who: place for who, (_, place) in people.items()},
        plans=plans,  # type: ignore[arg-type]
        rejects=rejects,
    )


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): sha256_of_file(path)
        for path in root.rglob("*")
        if path.is_file() and path.name != ".gitattributes"
    }


def differing(one: Path, other: Path) -> set[str]:
    return {name for name, _ in hashes(one).items() ^ hashes(other).items()}


def command(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([*map(str, words)])
    return int(end.value.code or 0)


def test_a_folder_goes_and_comes_back_and_loads_from_the_hub(
    folder: Path, hub: WritingHub, tmp_path: Path, run_python: RunPython
) -> None:
    for private in ("reviews/by_a.csv", ".work/faces/ann.npz", "notes.txt", "quality/clips.csv"):
        (folder / private).parent.mkdir(parents=True, exist_ok=True)
        (folder / private).write_text("not for others")
    done = push(folder, REPO)
    listed = {entry.path for entry in read_manifest(folder).files}
    papers = {"README.md", "datasheet.md", "croissant.json", "LICENSE", "manifest.json"}
    assert set(done.sent) == set(hashes(hub.folder / REPO)) == listed | papers
    assert len(hub.commits) == 1
    order = [request for request, _ in hub.requests]
    assert hub.gated[REPO] == "manual"
    assert order.index(f"PUT /api/datasets/{REPO}/settings") < order.index(f"POST /api/datasets/{REPO}/commit/main")
    code = (
        "from datasets import load_dataset\n"
        f"rows = load_dataset({REPO!r}, 'fear', streaming=True, split='test')\n"
        "print(*(row['id'] for row in rows.select_columns(['id'])))"
    )
    shown = run_python(code, cwd=tmp_path, HF_ENDPOINT=hub.endpoint, HF_HUB_OFFLINE="0")
    assert shown.split() == pq.read_table(folder / "data/fear/test-00000.parquet")["id"].to_pylist()
    back = pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert hashes(tmp_path / "back") == hashes(hub.folder / REPO)
    assert (back.commit, back.is_release, (tmp_path / "staging").exists()) == (done.commit, False, False)
    assert verify(tmp_path / "back", deep=False) == []


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize(("words", "creator"), [((), "org"), (("--creator", "Lab of Faces"), "Lab of Faces")])
def test_once_published_a_dataset_says_where_whose_and_since_when(
    folder: Path, hub: WritingHub, words: tuple[str, ...], creator: str
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="install the group dev")
    assert command("push", folder, REPO, *words) == 0
    pushed = hub.folder / REPO / "croissant.json"
    said, own = json.loads(pushed.read_text()), json.loads((folder / "croissant.json").read_text())
    more = {key: said[key] for key in said.keys() - own.keys()}
    assert more == {
        "url": f"{hub.endpoint}/datasets/{REPO}",
        "creator": {"@type": "sc:Organization", "name": creator},
        "datePublished": "2026-01-31",
    }
    assert said == own | more
    found = mlcroissant.Dataset(jsonld=pushed).metadata
    assert (found.ctx.issues.errors, found.ctx.issues.warnings) == (set(), set())
    assert found.creators[0].name == creator


def test_a_damaged_description_is_not_published(folder: Path, hub: WritingHub) -> None:
    (folder / "croissant.json").write_text("[]")
    with pytest.raises(DatasetError, match="no description of a dataset; run equime verify --repair"):
        push(folder, REPO)
    assert hub.commits == []


def test_only_what_changed_is_sent_and_fetched(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    push(folder, REPO)
    (hub.folder / REPO / "thesis.pdf").write_bytes(b"of the organisation")
    again = push(folder, REPO)
    assert (again.sent, again.deleted, len(hub.commits)) == ((), (), 1)
    pull(REPO, tmp_path / "back", tmp_path / "staging")
    shutil.rmtree(folder / "data" / "anger")
    describe(folder)
    changed = push(folder, REPO)
    assert set(changed.deleted) == {f"data/anger/{split}-00000.parquet" for split in ("train", "validation", "test")}
    assert not [path for path in changed.sent if path.startswith("data/")]
    assert (hub.folder / REPO / "thesis.pdf").exists()
    assert len(hub.commits) == 2
    back = pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert set(back.fetched) == set(changed.sent)
    assert back.deleted == changed.deleted
    assert differing(tmp_path / "back", folder) == {"croissant.json"}


def test_a_broken_push_leaves_readers_the_old_dataset_and_goes_on(folder: Path, hub: WritingHub) -> None:
    hub.uploads_left = 3
    with pytest.raises((TransferError, UsageError)):
        push(folder, REPO)
    assert hub.commits == []
    assert hashes(hub.folder / REPO) == {}
    assert len(hub.blobs) == 3
    hub.uploads_left = None
    before = [request for request, _ in hub.requests]
    done = push(folder, REPO)
    sent = [request for request, _ in hub.requests[len(before) :] if request.startswith("PUT /upload/")]
    assert len(sent) == len({path for path in done.sent if path.endswith(".parquet")}) - 3
    assert differing(hub.folder / REPO, folder) == {"croissant.json"}


def test_a_push_beside_another_is_refused(folder: Path, hub: WritingHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.make(REPO)
    honest = WritingHub.commit_of
    answers = iter(["0" * 40, *["1" * 40] * 99])
    monkeypatch.setattr(WritingHub, "commit_of", lambda self, repo: next(answers, honest(self, repo)))
    with pytest.raises(TransferError, match=r"changed while this ran .* run the same command again"):
        push(folder, REPO)


def test_what_must_not_be_passed_on_stays_and_its_recipes_may_go(
    folder: Path, hub: WritingHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(folder, license="CelebA-HQ: non-commercial research only, not to be passed on", faces="celeba-hq:DIR")
    assert command("push", folder, REPO) == 2
    err = " ".join(capsys.readouterr().err.split())
    assert "photos of 3 of 3 people must not be passed on" in err
    assert f"equime recipe {folder} RELEASE" in err
    assert hub.requests == []
    assert command("recipe", folder, tmp_path / "release") == 0
    assert command("push", tmp_path / "release", REPO, "--private") == 0
    assert hub.private == {REPO}
    published = hub.folder / REPO
    assert not [path for path in published.rglob("*") if path.suffix in {".mp4", ".jpg", ".tar"}]
    for table in published.rglob("*.parquet"):
        assert "video" not in pq.read_schema(table).names
        assert b"ftyp" not in table.read_bytes()
    capsys.readouterr()
    assert command("pull", REPO, tmp_path / "back", "--json") == 0
    assert json.loads(capsys.readouterr().out)["is_release"] is True
    assert hashes(tmp_path / "back") == hashes(tmp_path / "release")


def test_photos_without_a_licence_ask_for_a_statement(
    folder: Path, hub: WritingHub, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(folder, license="undeclared", faces="folder:DIR")
    assert command("push", folder, REPO) == 2
    assert "--have-permission" in capsys.readouterr().err
    assert command("push", folder, REPO, "--have-permission", "--no-gate", "--squash", "--json") == 0
    assert json.loads(capsys.readouterr().out)["repo"] == REPO
    assert (hub.gated, hub.squashed) == ({}, [REPO])


def test_names_of_private_photos_do_not_leave(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    refused = Reject(kind="photo", id="grandma at the sea.jpg", reason="smile", detail="lips must be closed")
    describe(folder, license="CC0-1.0", faces="folder:DIR", rejects=(refused,))
    push(folder, REPO)
    pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert [(one.id, one.reason) for one in read_rejects(tmp_path / "back" / "rejects.parquet")] == [
        ("photo-00000", "smile")
    ]
    assert not [path for path in (tmp_path / "back").rglob("*") if path.is_file() and b"grandma" in path.read_bytes()]
    assert verify(tmp_path / "back") == []
    assert push(folder, REPO).sent == ()


def test_a_damaged_folder_is_not_pushed(folder: Path, hub: WritingHub) -> None:
    (folder / "data/fear/test-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match="is missing or damaged, and would be for others; run equime verify"):
        push(folder, REPO)
    assert hub.requests == []


def test_a_pull_that_is_cut_off_changes_nothing_and_goes_on(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    push(folder, REPO)
    pull(REPO, tmp_path / "back", tmp_path / "staging")
    before = hashes(tmp_path / "back")
    (hub.folder / REPO / "data/fear/test-00000.parquet").write_bytes(b"other bytes than the manifest states")
    (hub.folder / REPO / "plan.parquet").write_bytes(b"these too")
    with pytest.raises(TransferError, match="arrived with other bytes than were stated; run the same command again"):
        pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert hashes(tmp_path / "back") == before
    for name in ("data/fear/test-00000.parquet", "plan.parquet"):
        shutil.copy(folder / name, hub.folder / REPO / name)
    assert pull(REPO, tmp_path / "back", tmp_path / "staging").fetched == ()


@pytest.mark.parametrize("name", ["data/../../.bashrc", "data/a\\..\\b", "gallery//x", "data/c:x"])
def test_paths_that_leave_the_folder_are_refused(
    folder: Path, hub: WritingHub, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(folder, REPO)
    honest = hub.paths_of(REPO)
    file = {"type": "file", "path": name, "oid": "0" * 40, "size": 1}
    monkeypatch.setattr("tests.dataset.writing_hub._Writing._tree", lambda *_, **__: [file])
    with pytest.raises(DatasetError, match="leaves the folder or is no plain relative path"):
        pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert honest
    assert not (tmp_path / ".bashrc").exists()


def test_what_else_a_repository_holds_is_not_written(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    push(folder, REPO)
    for name in ("equime.py", "data.py", "setup/evil.sh", ".git/hooks/post-checkout"):
        (hub.folder / REPO / name).parent.mkdir(parents=True, exist_ok=True)
        (hub.folder / REPO / name).write_text("print('hello')")
    pull(REPO, tmp_path / "back", tmp_path / "staging")
    assert differing(tmp_path / "back", folder) == {"croissant.json"}


def test_mistakes_get_one_line(
    folder: Path, hub: WritingHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    hub.make("org/empty")
    for words, code, message in (
        (["pull", "org/nothing", tmp_path / "back"], 2, "the Hub has no dataset org/nothing that you may see"),
        (["pull", "a/b/c", tmp_path / "back"], 2, "'a/b/c' is no name of a repository: write ORGANISATION/NAME"),
        (["pull", "org/empty", tmp_path / "back"], 1, "is no EquiME dataset: it holds neither"),
        (["pull", REPO, tmp_path / "mine"], 2, "holds something that is no EquiME dataset"),
        (["push", tmp_path / "mine", REPO], 1, "no dataset, for it holds no manifest.json"),
        (["recipe", folder, tmp_path / "mine"], 2, "holds something that is no recipe release"),
    ):
        assert command(*words) == code, words
        assert message in " ".join(capsys.readouterr().err.split())


def test_a_release_is_not_pulled_over_a_dataset(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    write_recipe_release(folder, tmp_path / "release")
    push(tmp_path / "release", REPO)
    with pytest.raises(UsageError, match="is a dataset, and the repository a recipe release"):
        pull(REPO, folder, tmp_path / "staging")
    assert verify(folder) == []


def test_a_repository_that_lacks_a_file_says_so(folder: Path, hub: WritingHub, tmp_path: Path) -> None:
    push(folder, REPO)
    (hub.folder / REPO / "data/fear/test-00000.parquet").unlink()
    with pytest.raises(DatasetError, match=r"lacks data/fear/test-00000\.parquet; tell those who pushed it"):
        pull(REPO, tmp_path / "back", tmp_path / "staging")


def test_a_broken_connection_is_told_with_what_to_do() -> None:
    with (
        pytest.raises(TransferError, match=r"the connection to the Hub failed .*; run the same command again"),
        in_our_words(REPO),
    ):
        HfApi(endpoint="http://127.0.0.1:9").repo_info(REPO, repo_type="dataset")
