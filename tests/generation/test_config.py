from dataclasses import replace
from pathlib import Path

import pytest

from equime_builder.errors import UsageError
from equime_generation.config import RunConfig
from equime_generation.config_file import read_config
from equime_generation.renderers.ltx.settings import LtxSettings


def test_a_saved_configuration_reads_back(tmp_path: Path) -> None:
    config = RunConfig(
        emotions=("fear", "anger"), clips_per_emotion=7, design="crossed", seed=5, with_flow=True, out="x", workers=3
    )
    path = tmp_path / "run.toml"
    path.write_text(config.to_toml())
    assert read_config(path, {"out": "x", "workers": 3}) == config


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text('emotions = ["fear"]\nseed = 4\n')
    config = read_config(path, {"seed": 9, "out": None})
    assert (config.emotions, config.seed, config.out) == (("fear",), 9, "equime")


def test_the_fingerprint_names_the_recipe_and_not_the_place() -> None:
    config = RunConfig()
    assert config.fingerprint == RunConfig(out="elsewhere", workers=5).fingerprint
    others = [replace(config, seed=1), replace(config, emotions=("fear",)), replace(config, profile="lossless")]
    others.append(replace(config, subjects=4))
    assert len({config.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_a_private_folder_never_enters_the_recipe() -> None:
    assert RunConfig(faces="folder:/srv/private/faces").recipe["faces"] == "folder:DIR"
    assert RunConfig(faces="celeba-hq:/srv/private/faces").recipe["faces"] == "celeba-hq:DIR"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emotion = 3", r"configuration field 'emotion' is unknown; choose from: out, faces"),
        ("emotions = 3", "emotions must be a list of words, got 3"),
        ("emotions = ['joy']", "emotion 'joy' is unknown; choose from: happiness"),
        ("emotions = ['fear', 'fear']", "each once, got fear, fear"),
        ("seed = 'x'", "seed must be a whole number, got 'x'"),
        ("clips_per_emotion = 0", "clips_per_emotion must be at least 1, got 0"),
        ("subjects = -1", "subjects must be at least 0, got -1"),
        ("with_flow = 1", "with_flow must be true or false, got 1"),
        ("spotting_clips = -1", "spotting_clips must be at least 0, got -1"),
        ("workers = true", "workers must be a whole number"),
        ("renderer = 'paint'", "renderer 'paint' is unknown; choose from: warp"),
        ("design = 'odd'", "design 'odd' is unknown; choose from: independent, crossed"),
        ("profile = 'big'", "encoder profile 'big' is unknown; choose from: default, lossless, preview"),
        ("seed = = 3", "is not TOML"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_config(path, {})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.toml cannot be read: No such file"):
        read_config(tmp_path / "none.toml", {})


LTX = RunConfig(renderer="ltx", ltx=LtxSettings(model="org/name", revision="0" * 40, conditioning="guide"))


def test_settings_of_a_renderer_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(LTX.to_toml())
    assert read_config(path, {}) == LTX
    changed = read_config(path, {"ltx": {"guide_strength": 0.8, "model": None}})
    assert changed == replace(LTX, ltx=replace(LTX.ltx, guide_strength=0.8))


def test_the_device_is_a_place_and_the_batch_size_is_not() -> None:
    assert replace(LTX, ltx=replace(LTX.ltx, device="cuda")).fingerprint == LTX.fingerprint
    assert replace(LTX, ltx=replace(LTX.ltx, batch_size=2)).fingerprint != LTX.fingerprint
    assert "ltx" not in RunConfig().recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ltx = 3", r"configuration field ltx must be a table, \[ltx\] with one setting a line, got 3"),
        ("[ltx]\nsteps = 3", "ltx setting 'steps' is unknown; choose from: model, revision, conditioning"),
        ("[ltx]\nbatch_size = 'all'", "configuration field ltx.batch_size must be a whole number, got 'all'"),
        ("[ltx]\nguide_strength = true", "configuration field ltx.guide_strength must be a number, got True"),
        ("[ltx]\nbatch_size = -1", "batch_size must be at least 0, got -1; 0 = the memory preset's"),
        ("[ltx]\nmemory = '8gb'", "memory can be set for the renderer ltx alone, and the renderer is warp"),
        ("renderer = 'ltx'\nwith_flow = true", "nobody knows how a clip of the renderer ltx really moves"),
    ],
)
def test_wrong_settings_of_a_renderer_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_config(path, {})
