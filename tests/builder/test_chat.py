"""Batches of five families of chat models: frames, times, video tokens, and labels that are exactly the answers."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from equime_builder.chat import IGNORED, ChatCollator
from equime_builder.chat_video import NEEDED
from equime_builder.decode import decode_frames
from equime_builder.errors import DatasetError, MediaError, UsageError
from equime_builder.rows import Row
from equime_builder.vqa import questions_of
from tests.samples import byte_row

torch = pytest.importorskip("torch", reason="install equime[train]")
pytest.importorskip("transformers", reason="install equime[train]")

from tests.chat_families import FAMILIES, IMAGE_PX, Family  # noqa: E402


@pytest.fixture(scope="module", params=list(FAMILIES))
def family(request: pytest.FixtureRequest) -> Family:
    return FAMILIES[request.param]()


@pytest.fixture(scope="module")
def qwen() -> Family:
    return FAMILIES["qwen2.5-vl"]()


@pytest.fixture(scope="module")
def staircase(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of 144 frames, each of its own grey: frame n is about 40 + n."""
    import av

    path = tmp_path_factory.mktemp("chat") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"preset": "ultrafast", "crf": "5"})
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for number in range(144):
            grey = np.full((64, 64, 3), 40 + number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


@pytest.fixture(scope="module")
def rows(staircase: bytes) -> list[Row]:
    """A clip of fear, whose event is 60, 62, 65, and a negative."""
    return [byte_row(1, staircase), byte_row(2, staircase, "neutral")]


def said(collator: ChatCollator, batch: dict[str, Any]) -> list[str]:
    """Return what the labels of each sample spell, control tokens left out, answers parted by a bar."""
    words = collator.processor.tokenizer
    texts = []
    for labels in batch["labels"]:
        kept = labels != IGNORED
        starts = torch.nonzero(kept & ~torch.cat([torch.tensor([False]), kept[:-1]])).flatten().tolist()
        spans = [labels[start:][: int(torch.cumprod(kept[start:].int(), 0).sum())] for start in starts]
        texts.append(" | ".join(words.decode(span, skip_special_tokens=True).strip() for span in spans))
    return texts


def frames_that_arrive(family: Family, batch: dict[str, Any]) -> np.ndarray:
    """Return the mean grey level (0-255) of every frame of every clip, from the normalized pixels."""
    video = family.processor.video_processor
    pixels = batch["pixel_values_videos"] if "pixel_values_videos" in batch else batch["pixel_values"]
    if "video_grid_thw" in batch:
        grids = batch["video_grid_thw"]
        clips = []
        for patches, (depth, height, width) in zip(pixels.split(grids.prod(1).tolist()), grids.tolist(), strict=True):
            parts = patches.reshape(depth, height * width, 3, video.temporal_patch_size, -1)
            clips.append(parts.permute(0, 3, 2, 1, 4).reshape(depth * video.temporal_patch_size, 3, -1))
        by_channel = torch.stack(clips).mean(-1)
    else:
        by_channel = pixels.mean((-2, -1))
    mean, std = torch.tensor(video.image_mean), torch.tensor(video.image_std)
    grey: np.ndarray = (255 * (by_channel * std + mean)).mean(-1).numpy()
    return grey


def video_tokens(family: Family, batch: dict[str, Any]) -> list[int]:
    token = family.processor.tokenizer.convert_tokens_to_ids(family.video_token)
    counts: list[int] = (batch["input_ids"] == token).sum(1).tolist()
    return counts


@pytest.mark.parametrize("how", ["event", "onset-apex-offset"])
def test_the_frames_that_arrive_are_those_around_the_event(family: Family, rows: list[Row], how: Any) -> None:
    collator = ChatCollator(family.processor, frames=6, how=how, kinds=["present"])
    batch = collator(rows)
    arrived = frames_that_arrive(family, batch)
    for row, levels in zip(rows, arrived, strict=True):
        shown = collator.indices(row)
        whole = decode_frames(row["video"]["bytes"]).mean((1, 2, 3))
        assert np.abs(levels - whole[shown]).max() < 0.6, "a step of the clip is one level"
    expected = {"onset-apex-offset": [60, 61, 62, 63, 64, 65], "event": [57, 60, 62, 63, 65, 67]}
    assert collator.indices(rows[0]).tolist() == expected[how], "the event is 60, 62, 65"


def test_labels_are_exactly_the_answers_and_the_model_takes_the_batch(family: Family, rows: list[Row]) -> None:
    kinds = ["together", "apex", "present", "region"]
    collator = ChatCollator(family.processor, kinds=kinds)
    batch = collator(rows)
    assert said(collator, batch) == [
        " | ".join(record["answer"] for record in questions_of(row, kinds)) for row in rows
    ]
    assert video_tokens(family, batch) == [family.tokens_of(8)] * 2
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape
    learned = batch["labels"] != IGNORED
    assert torch.equal(batch["labels"][learned], batch["input_ids"][learned])
    assert not (learned & (batch["attention_mask"] == 0)).any(), "padding is no answer"
    ends = (batch["labels"] == family.processor.tokenizer.eos_token_id).sum(1)
    assert ends.tolist() == [4, 2], "every answer ends, so that the model learns to stop"
    with torch.no_grad():
        loss = family.model()(**batch).loss
    assert 0.5 * np.log(400) < float(loss) < 2 * np.log(400), "about as good as guessing among 400 tokens"


def test_padding_on_the_left_learns_the_same(family: Family, rows: list[Row]) -> None:
    collator = ChatCollator(family.processor, kinds=["present", "units", "region"])
    right = collator(rows)
    words, side = family.processor.tokenizer, family.processor.tokenizer.padding_side
    words.padding_side = "left" if side == "right" else "right"
    left = collator(rows)
    words.padding_side = side
    assert said(collator, left) == said(collator, right)
    assert not torch.equal(left["labels"], right["labels"])


def test_a_question_can_be_generated_upon(family: Family, rows: list[Row]) -> None:
    collator = ChatCollator(family.processor)
    batch = collator.prompts(rows, ["Which frame is the apex?", "Does the face show a micro-expression?"])
    assert "labels" not in batch
    assert (batch["attention_mask"][:, -1] == 1).all(), "padded on the left"
    model = family.model().eval()
    written = model.generate(**batch, max_new_tokens=2, do_sample=False)
    assert written.shape == (2, batch["input_ids"].shape[1] + 2)


def test_the_model_is_told_when_frames_were_shown(rows: list[Row]) -> None:
    seen = {}
    for name in ("qwen3-vl", "smolvlm", "qwen2.5-vl"):
        processor = FAMILIES[name]().processor
        batch = ChatCollator(processor, frames=4, kinds=["present"])(rows[:1])  # frames 60, 62, 65, 67
        seen[name] = processor.tokenizer.decode(batch["input_ids"][0])
    assert "<2.5 seconds>" in seen["qwen3-vl"], "frames 60 and 62: 2.54 s"
    assert "<2.8 seconds>" in seen["qwen3-vl"], "frames 65 and 67: 2.75 s"
    assert seen["smolvlm"].count("Frame from 00:02:") == 4
    assert batch["second_per_grid_ts"].tolist() == pytest.approx([2 * 7 / 3 / 24]), "two frames a grid, 7/3 apart"


def test_questions_as_samples_of_their_own(qwen: Family, rows: list[Row]) -> None:
    collator = ChatCollator(qwen.processor, kinds=["coarse", "present"], several="samples")
    batch = collator(rows)
    assert said(collator, batch) == ["negative", "yes", "no"]
    assert video_tokens(qwen, batch) == [qwen.tokens_of(8)] * 3


def test_each_epoch_draws_questions_and_the_draw_repeats(qwen: Family, rows: list[Row]) -> None:
    collator = ChatCollator(qwen.processor, kinds=["coarse", "fine", "apex", "duration"], questions=2, seed=5)
    everything = {record["answer"] for record in questions_of(rows[0], collator.kinds or ())}
    drawn = set()
    for epoch in range(24):
        collator.set_epoch(epoch)
        (text,) = said(collator, collator(rows[:1]))
        assert text == said(collator, collator(rows[:1]))[0]
        assert len(text.split(" | ")) == 2
        drawn.add(text)
    assert len(drawn) > 6, "of 4 x 3 ordered pairs"
    assert {answer for text in drawn for answer in text.split(" | ")} == everything


def test_rows_as_loaded_speak_their_messages(qwen: Family, tiny_dataset: Path, tmp_path: Path) -> None:
    from equime_dataset import load_equime

    options: dict[str, Any] = {"split": "test", "data_dir": tiny_dataset, "cache_dir": str(tmp_path), "decode": False}
    collator = ChatCollator(qwen.processor, size_px=IMAGE_PX)
    stream: Iterator[Row] = iter(load_equime("fear", streaming=True, **options))
    streamed, stored = list(stream), list(load_equime("fear", **options))
    assert streamed[0]["messages"] == stored[0]["messages"]
    assert [message["role"] for message in stored[0]["messages"]] == ["user", "assistant"]
    assert said(collator, collator(stored)) == [row["caption"] for row in stored]
    assert torch.equal(collator(streamed)["input_ids"], collator(stored)["input_ids"])


def test_a_number_of_questions_asks_them_in_place_of_the_messages(qwen: Family, rows: list[Row]) -> None:
    collator = ChatCollator(qwen.processor, questions=1)
    (text,) = said(collator, collator(rows[:1]))
    assert text in {record["answer"] for record in questions_of(rows[0])}


@pytest.mark.parametrize("layout", ["TCHW", "THWC"])
def test_samples_of_a_stream_are_shown_as_they_were_decoded(qwen: Family, tiny_dataset: Path, layout: Any) -> None:
    from equime_dataset import stream_equime

    collator = ChatCollator(qwen.processor, frames=6, size_px=IMAGE_PX)
    where: dict[str, Any] = {"name": "fear", "split": "test", "data_dir": tiny_dataset}
    rows = list(stream_equime(**where, decode=False))
    shown: dict[str, Any] = {"frames": 6, "size_px": IMAGE_PX, "layout": layout}
    samples = list(stream_equime(**where, **shown, columns=[*NEEDED, "messages"]))
    assert "video" not in samples[0]
    assert said(collator, collator(samples)) == ["brows move for a moment"] * 2
    for name, tensor in collator(rows).items():
        assert torch.equal(tensor, collator(samples)[name]), name


def test_rows_of_vqa_speak_all_their_questions(qwen: Family, rows: list[Row]) -> None:
    from equime_builder.vqa_rows import vqa_row_of

    collator = ChatCollator(qwen.processor)
    row = vqa_row_of(rows[0])
    (text,) = said(collator, collator([row]))
    assert text == " | ".join(record["answer"] for record in row["questions"])


def test_it_travels_to_worker_processes(qwen: Family, rows: list[Row]) -> None:
    collator = ChatCollator(qwen.processor, kinds=["present"])
    arrived = pickle.loads(pickle.dumps(collator))
    assert torch.equal(arrived(rows)["labels"], collator(rows)["labels"])


def test_what_cannot_be_used_is_refused(qwen: Family, rows: list[Row]) -> None:
    class Deaf:
        """A processor that takes images alone."""

        image_processor = object()

    with pytest.raises(UsageError, match="Deaf takes no video; choose a chat model that does"):
        ChatCollator(Deaf())
    slow = copy.copy(qwen.processor)
    slow.tokenizer = type("SlowTokenizer", (), {"is_fast": False})()
    with pytest.raises(UsageError, match="SlowTokenizer does not tell where its tokens stand"):
        ChatCollator(slow)
    with pytest.raises(UsageError, match="questions must be 1 or more"):
        ChatCollator(qwen.processor, questions=0)
    with pytest.raises(UsageError, match="count must be 1 or more"):
        ChatCollator(qwen.processor, frames=0)
    with pytest.raises(UsageError, match="kind of question 'colour' is unknown"):
        ChatCollator(qwen.processor, kinds=["colour"])
    with pytest.raises(UsageError, match="name at least one kind of question"):
        ChatCollator(qwen.processor, kinds=[])
    with pytest.raises(UsageError, match="several 'lines' is unknown; choose from: turns, samples"):
        ChatCollator(qwen.processor, several="lines")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="one question a row, got 1 for 2 rows"):
        ChatCollator(qwen.processor).prompts(rows, ["Why?"])
    with pytest.raises(DatasetError, match="none of the questions apex has an answer on it; add 'present'"):
        ChatCollator(qwen.processor, kinds=["apex"])(rows)
    with pytest.raises(DatasetError, match=r"clip 'fear-t001-01': .* missing are num_frames, fps; load them too"):
        ChatCollator(qwen.processor)([{n: v for n, v in rows[0].items() if n not in ("num_frames", "fps")}])
    with pytest.raises(MediaError, match=r"clip 'fear-t001-01': .*; run equime verify"):
        ChatCollator(qwen.processor)([{**rows[0], "video": {"bytes": b"none", "path": None}}])
    silent = {name: value for name, value in rows[0].items() if name not in ("messages", "aus")}
    with pytest.raises(DatasetError, match="has none of the columns 'messages', 'questions' and 'aus'"):
        ChatCollator(qwen.processor)([silent])
