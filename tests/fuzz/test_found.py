"""What fuzzing found, each case made anew: these bytes once left a trace of something else than an EquimeError."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from pyarrow import compute

from equime_builder.decode import decode_frames, decode_luma
from equime_builder.demux import probe_video
from equime_builder.errors import DatasetError, MediaError, UsageError
from equime_builder.gallery.choice import candidates
from equime_builder.reading import read_rows
from equime_builder.schema import arrow_schema
from equime_builder.shards import compact, write_rows
from equime_builder.stream.chunks import RowChoice
from equime_builder.summary import summarize
from equime_evaluation.baselines.checkpoint import Progress, load_progress, save_progress
from equime_evaluation.baselines.setup import setup_of
from equime_evaluation.clips import Clip, open_reel
from equime_evaluation.quality.regression import ModelFileError, read_model
from equime_evaluation.recordings.exported import with_own_people
from equime_evaluation.recordings.images import read_image
from equime_evaluation.recordings.recording import Listing
from equime_evaluation.recordings.sheets import read_sheet
from equime_generation.config_file import read_config
from equime_generation.renderers.ltx.configs import number
from equime_generation.renderers.ltx.faults import CheckpointError
from tests.samples import byte_row


def video(width: int, height: int, container: str = "mp4", title: str = "a clip") -> bytes:
    buffer = BytesIO()
    with av.open(buffer, "w", format=container) as out:
        out.metadata["title"] = title
        stream = out.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(4):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode())
    return buffer.getvalue()


def test_a_title_in_another_code_page_is_no_reason_to_refuse_a_video() -> None:
    data = video(64, 48, title="caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    assert b"caf\xc3\xa9" in data
    assert probe_video(data.replace(b"caf\xc3\xa9", b"caf\xe9 ")).frames == 4


def test_a_codec_that_nobody_knows() -> None:
    data = video(64, 48).replace(b"avc1", b"zzz1")
    with pytest.raises(MediaError):
        decode_frames(data)


def test_a_video_whose_frames_change_size() -> None:
    data = video(64, 48, "mpegts") + video(32, 32, "mpegts")
    with pytest.raises(MediaError):
        decode_luma(data)


def test_two_frames_at_the_same_time() -> None:
    first, second = b"\x81\x00\x00", b"\x81\x00\x2a"  # of track 1, after 0 and 42 ms
    data = video(64, 48, "matroska")
    assert data.count(second) == 1
    data = data.replace(second, first)
    for decode in (decode_luma, decode_frames, lambda data: decode_frames(data, [0])):
        with pytest.raises(MediaError, match="two of the video's frames carry the same time"):
            decode(data)


def test_a_message_that_is_null(tmp_path: Path) -> None:
    path = tmp_path / "train-00000.parquet"
    write_rows(path, [byte_row(1, b"video")])
    table = pq.read_table(path)
    place = table.column_names.index("messages")
    nothing = pa.array([[None]], pa.list_(pa.string())).cast(table.schema.field(place).type)
    pq.write_table(table.set_column(place, table.schema.field(place), nothing).cast(arrow_schema()), path)
    with pytest.raises(DatasetError, match="cannot be read"):
        list(read_rows(path))


def test_a_shard_without_a_column(tmp_path: Path) -> None:
    path = tmp_path / "data" / "fear" / "train-00000.parquet"
    write_rows(path, [byte_row(1, b"video")])
    pq.write_table(pq.read_table(path).drop_columns(["plan_id", "emotion"]), path)
    wanted = r"columns differ from the schema \(missing: plan_id, emotion"
    with pytest.raises(DatasetError, match=wanted):
        list(candidates(tmp_path, ["data/fear/train-00000.parquet"]))
    with pytest.raises(DatasetError, match=wanted):
        summarize(tmp_path, ["data/fear/train-00000.parquet"])


def test_pillow_starts_no_program_for_an_image(tmp_path: Path) -> None:
    with (tmp_path / "img1.jpg").open("wb") as file:
        Image.new("RGB", (8, 8)).save(file, "EPS")
    with pytest.raises(MediaError, match="cannot be read as an image"):
        read_image(tmp_path / "img1.jpg")


def test_a_cell_of_any_length_in_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(f'Subject\n"{"a" * 200_000}"\n')
    with pytest.raises(DatasetError, match=r"labels\.csv: cannot be read as CSV: field larger"):
        read_sheet(tmp_path, ("Subject",))


def test_a_row_without_its_last_cells(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("Subject,Onset,Emotion\n7,3\n")
    assert read_sheet(tmp_path, ("Subject", "Emotion")) == [{"subject": "7", "onset": "3", "emotion": ""}]


def test_a_cell_of_any_length_in_the_key_of_an_export(tmp_path: Path) -> None:
    (tmp_path / "equime-key.csv").write_text(f'subject,filename,subject_id\n"{"a" * 200_000}",x,y\n')
    with pytest.raises(DatasetError, match=r"equime-key\.csv cannot be read: field larger"):
        with_own_people(tmp_path, Listing(recordings=()))


@pytest.mark.parametrize("epoch", ["Infinity", "NaN", "{}", "1e999", '"x"'])
def test_training_that_stands_at_no_epoch(epoch: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="install equime[train]")
    from safetensors.torch import load_file, save_file

    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    path = tmp_path / "progress.safetensors"
    save_progress(path, model, optimizer, Progress())
    told = json.dumps({"curve": [], "best_epoch": 0}).replace("0", epoch)
    save_file(load_file(path), path, metadata={"progress": told})
    with pytest.raises(DatasetError, match="is of another model or damaged"):
        load_progress(path, model, optimizer)


@pytest.mark.parametrize("value", [10**400, -(10**400), float("inf"), float("nan"), True, "1"])
def test_a_number_of_a_checkpoint_that_is_none(value: object) -> None:
    with pytest.raises(CheckpointError, match="shift in"):
        number({"shift": value}, "shift", least=0, most=10, where=Path("scheduler.json"))


def test_a_learning_rate_of_any_length() -> None:
    with pytest.raises(UsageError, match="set-up a: learning_rate must be"):
        setup_of({"learning_rate": 10**400}, "a")


def test_a_video_that_shows_none_of_its_frames() -> None:
    data = bytearray(video(64, 48))
    begin = data.index(b"elst") + 4 + 4 + 4 + 4  # after name, version and flags, count, and how long it lasts
    data[begin : begin + 4] = (10**6).to_bytes(4, "big")  # the edit begins after the last frame
    with (
        pytest.raises(MediaError, match="not to be shown"),
        open_reel(Clip(name="clip", root="", key="", data=bytes(data))),
    ):
        pass


def test_a_text_of_a_shard_that_is_no_text(tmp_path: Path) -> None:
    row = byte_row(0, b"a video")
    path = tmp_path / "shard.parquet"
    write_rows(path, [row])
    identifier = str(row["id"]).encode()
    path.write_bytes(path.read_bytes().replace(identifier, b"\xff" * len(identifier)))
    with pytest.raises(DatasetError, match="UTF8"):
        list(read_rows(path))
    with pytest.raises(DatasetError, match="cannot be read"):
        compact([path], tmp_path / "joined.parquet")


def test_many_rows_without_anything(tmp_path: Path) -> None:
    path = tmp_path / "shard.parquet"
    schema = arrow_schema()
    pq.write_table(pa.table([pa.nulls(70_000, field.type) for field in schema], schema=schema), path)
    with pytest.raises(DatasetError, match="without a video"):
        compact([path], tmp_path / "joined.parquet")


@pytest.mark.parametrize("text", ["NaN", "-Infinity", "1e999", '"\\ud800"'])
def test_a_json_column_that_no_file_can_hold(text: str, tmp_path: Path) -> None:
    path = tmp_path / "shard.parquet"
    write_rows(path, [byte_row(0, b"a video")])
    table = pq.read_table(path)
    recipes = pa.array(['{"a":' + text + "}"]).cast(table.schema.field("recipe").type)
    pq.write_table(table.set_column(table.schema.get_field_index("recipe"), "recipe", recipes), path)
    with pytest.raises(DatasetError, match="cannot be read"):
        list(read_rows(path))


def test_a_column_of_another_type_in_a_shard(tmp_path: Path) -> None:
    path = tmp_path / "shard.parquet"
    write_rows(path, [byte_row(0, b"a video")])
    table = pq.read_table(path)
    for name in ("tv", "emotion"):
        place = table.schema.get_field_index(name)
        pq.write_table(table.set_column(place, name, pa.array([[1.0]])), path)
        with pytest.raises(DatasetError, match=f"column '{name}' is list"):
            list(read_rows(path, only=[name]))
        choice = RowChoice(rows=compute.field(name) == 1, columns=(name,))
        with pytest.raises(DatasetError, match=f"rows cannot be chosen by {name}"):
            choice.kept(pq.read_table(path, columns=[name]))


def test_a_number_of_a_configuration_that_no_float_holds(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text("[ltx]\nguide_strength = 1" + "0" * 400)
    with pytest.raises(UsageError, match="must be a number, got 1000"):
        read_config(path, {})


def test_a_checkpoint_whose_storages_have_no_names(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="install equime[metrics]")
    path = tmp_path / "brisque.pt"
    torch.save((torch.ones(2), torch.ones(2, 36)), path)
    with ZipFile(path) as made:
        members = {name: made.read(name) for name in made.namelist()}
    with ZipFile(path, "w") as damaged:
        for name, data in members.items():  # the storage's name becomes a number
            named = data.replace(b"(X\x07\x00\x00\x00storage", b"(K\x01X\x07\x00\x00\x00storage")
            damaged.writestr(name, named if name.endswith("data.pkl") else data)
    with pytest.raises(ModelFileError, match="not two tensors"):
        read_model(path)
