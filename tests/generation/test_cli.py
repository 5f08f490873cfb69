import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command

from equime_generation.cli import main
from equime_generation.cli.commands import app

README = Path(__file__).resolve().parents[2] / "README.md"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(words)
    captured = capsys.readouterr()
    return int(end.value.code or 0), captured.out, captured.err


def commands() -> dict[str, object]:
    return get_command(app).commands  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("name", ["render", "plan", "verify", "doctor"])
def test_every_command_has_help_and_stands_in_the_readme(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert "Usage: equime" in out
    assert f"equime {name}" in README.read_text()


@pytest.mark.parametrize(
    "name", ["render", "extend", "plan", "verify", "doctor", "regenerate", "recipe", "push", "pull", "forget"]
)
def test_every_option_says_what_it_does(name: str) -> None:
    for parameter in commands()[name].params:  # type: ignore[attr-defined]
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["render", "--emotions", "joy"], 2, "emotion 'joy' is unknown; choose from: happiness, sadness, surprise"),
        (["render", "--emotions", ","], 2, "emotions must name at least one"),
        (["render", "--renderer", "paint"], 2, "renderer 'paint' is unknown; choose from: warp"),
        (["render", "--clips-per-emotion", "0"], 2, "clips_per_emotion must be at least 1, got 0"),
        (["render", "--faces", "flickr"], 2, "flickr"),
        (["render", "--faces", "folder:/nowhere/at/all"], 2, "/nowhere/at/all"),
        (["render", "--config", "/nowhere.toml"], 2, "configuration /nowhere.toml cannot be read"),
        (["render", "--design", "crossed", "--balance", "groups"], 2, "balance must be people"),
        (["render", "--colour", "red"], 2, "No such option"),
        (["render", "--seed", "one"], 2, "Invalid value for '--seed'"),
        (["hlep"], 2, "command 'hlep' is unknown; choose from: render, extend, plan"),
        (["ltx", "live"], 2, "command 'live' is unknown; choose from: survive; what each does says: equime ltx --help"),
        (["verify", "/nowhere/at/all"], 1, "/nowhere/at/all: no such folder"),
    ],
)
def test_mistakes_get_one_line_and_no_trace(
    words: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out_of_the_way = ["--out", str(tmp_path / "out")] if words[0] == "render" else []
    found, out, err = run(capsys, *words, *out_of_the_way)
    assert found == code
    assert message in " ".join(err.split())
    assert "Traceback" not in err + out


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"equime {version('equime')}\n", "")


def test_ctrl_c_says_how_to_go_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("equime_generation.run.render_dataset", interrupt)
    code, _, err = run(capsys, "render")
    assert (code, err) == (1, "equime: interrupted; run the same command again to go on from here\n")


def test_verify_says_that_a_folder_is_whole(tiny_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "verify", str(tiny_dataset), "--json")
    assert (code, json.loads(out)["whole"]) == (0, True)


def test_verify_names_what_is_wrong(tiny_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    copy = tmp_path / "equime"
    shutil.copytree(tiny_dataset, copy)
    shard = next(copy.glob("data/fear/*.parquet"))
    shard.unlink()
    code, out, _ = run(capsys, "verify", str(copy), "--no-deep")
    assert code == 1
    assert f"data/fear/{shard.name}: missing: is in the manifest and not on the disk" in out
    assert "next: " in out


def test_plan_is_readable_by_programs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    code, out, _ = run(capsys, "plan", "--emotions", "fear,neutral", "--clips-per-emotion", "20", "--json")
    plan = json.loads(out)
    assert code == 0
    assert (plan["subjects"], plan["clips"]) == (10, 40)
    assert plan["cells"]["fear/all"] == plan["cells"]["neutral/all"] == 20
    assert plan["cells"]["fear/female light"] == 8
    assert plan["room_bytes"] == 3 * 40 * 300_000  # parts, shards and questions
    assert sum(plan["cells"][f"fear/{split}"] for split in ("train", "validation", "test")) == 20


def test_doctor_is_readable_by_programs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mediapipe", reason="install equime[render]")
    code, out, _ = run(capsys, "doctor", "--json")
    report = json.loads(out)
    assert (code, report["healthy"]) == (0, True)
    assert {"base", "extra render", "faces", "video", "renderer warp"} <= {check["name"] for check in report["checks"]}
