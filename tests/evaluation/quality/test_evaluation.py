"""Whole evaluations: of folders and datasets, stopped and resumed, beside the published tables."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from equime_builder.decode import decode_frames
from equime_builder.errors import EquimeError
from equime_builder.layout import shard_path
from equime_builder.manifest import read_manifest
from equime_builder.reading import read_rows
from equime_builder.verify import verify
from equime_evaluation.clips import Clip, work_off
from equime_evaluation.quality import COLUMNS, PUBLISHED, Evaluation, Instruments, evaluate
from equime_evaluation.quality.published import COMPARED, compare_with_published
from tests.evaluation.quality.material import small_model, textured, write_video

INSTRUMENTS = Instruments(regression=small_model())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four videos in two folders, one of which is none."""
    for number, name in enumerate(("a/one.mp4", "a/two.mp4", "b/three.mp4")):
        (tmp_path / "clips" / name).parent.mkdir(parents=True, exist_ok=True)
        write_video(tmp_path / "clips" / name, [textured(40, 40, 10 * number + frame) for frame in range(3)])
    (tmp_path / "clips" / "b" / "four.mp4").write_text("no video")
    return tmp_path / "clips"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(folder: Path, *, workers: int = 1) -> Evaluation:
    return evaluate([folder], INSTRUMENTS, out=folder.parent / "out", workers=workers)


def test_tables_have_the_published_columns_first_and_blanks_where_nothing_was_measured(folder: Path) -> None:
    found = run(folder)
    rows = table(found.out / "clips.csv")
    assert tuple(rows[0]) == COLUMNS
    assert COLUMNS[: len(PUBLISHED)] == PUBLISHED
    names = [Path(row["video_path"]).name for row in rows]
    assert names == ["one.mp4", "two.mp4", "four.mp4", "three.mp4"]
    assert float(rows[0]["psnr_mean"]) == found.clips[0].psnr_mean
    assert rows[0]["clip_iqa_mean"] == rows[2]["psnr_mean"] == ""
    assert rows[2]["refused"]
    (line,) = table(found.out / "summary.csv")
    assert (line["directory"], line["clips"], line["refused"]) == (str(folder), "4", "1")
    psnr = [clip.psnr_mean for clip in found.clips if clip.psnr_mean is not None]
    assert float(line["avg_psnr"]) == pytest.approx(np.mean(psnr), abs=1e-6)
    assert list(line)[:9] == [
        "directory", "avg_psnr", "avg_ssim", "avg_tv", "avg_brisque", "avg_clip_iqa", "size_mb", "duration_s",
        "bitrate_kbps",
    ]  # fmt: skip


def test_processes_give_the_same_tables(folder: Path) -> None:
    first = (run(folder).out / "clips.csv").read_bytes()
    shutil.rmtree(folder.parent / "out")
    assert (run(folder, workers=2).out / "clips.csv").read_bytes() == first


def test_a_stopped_run_goes_on_where_it_was(folder: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate([folder], INSTRUMENTS, out=folder.parent / "out", workers=1, progress=stop)
    journal = folder.parent / "out" / "measured.jsonl"
    journal.write_text(journal.read_text()[:-20])  # a kill may cut the last line off
    assert not (folder.parent / "out" / "clips.csv").exists()
    found = run(folder)
    assert (len(found.clips), found.resumed) == (4, 1)
    assert run(folder).resumed == 4
    write_video(folder / "a" / "one.mp4", [textured(40, 40)])
    changed = run(folder)
    assert (changed.resumed, changed.clips[0].num_frames) == (3, 1)
    coloured = evaluate([folder], Instruments(colour=True), out=found.out, workers=1)
    assert coloured.resumed == 0


def test_a_dataset_is_measured_against_its_own_plan(tiny_dataset: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(tiny_dataset, tmp_path / "equime"))
    found = evaluate([root], Instruments(), workers=2)
    assert found.out == root / "quality"
    assert len(found.clips) == 18
    shard = shard_path("fear", "train", 0)
    row = next(read_rows(root / shard))
    line = next(clip for clip in found.clips if clip.clip_id == row["id"])
    assert line.video_path == f"{root / shard}#{row['id']}"
    # The plan moves from 60 to 65, so that four frames move, and one of the others is the neutral one.
    assert (line.num_frames, line.fidelity_frames) == (144, 144 - 4 - 1)
    resting = [grey(frame) for frame in decode_frames(row["video"]["bytes"], [*range(61), *range(65, 144)])]
    wanted = [structural_similarity(resting[0], frame) for frame in (resting[1], resting[30], resting[-1])]
    assert line.fidelity_ssim is not None
    assert min(wanted) - 1e-3 < line.fidelity_ssim <= 1
    assert line.equal_pairs is not None
    assert line.equal_pairs > 100  # the clip stands still but for its apex
    assert not verify(root)
    assert read_manifest(root).clips == 18


def grey(frame: np.ndarray) -> np.ndarray:
    import cv2

    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))


def test_fidelity_leaves_out_what_was_planned_to_move() -> None:
    from equime_evaluation.quality.meter import measure_frames

    neutral, other = textured(40, 40), textured(40, 40, 1)
    clip = Clip(name="x", root="x", key="", moving=((1, 4),))
    frames = [neutral, neutral, other, other, neutral, other]  # 2 and 3 move as planned, 5 does not
    found = measure_frames(frames, regression=None, clip_iqa=None, colour=False, at_rest=clip.at_rest)
    stray = peak_signal_noise_ratio(grey(neutral), grey(other), data_range=255)
    assert found.fidelity_frames == 3
    assert found.grey.fidelity_psnr == pytest.approx((100 + 100 + stray) / 3)


def fail(tool: str) -> object:
    import os

    return lambda clip: os._exit(9)


def test_a_killed_process_is_said_in_words() -> None:
    clips = [Clip(name=str(number), root="x", key="") for number in range(3)]
    with pytest.raises(EquimeError, match="smaller --workers"):
        list(work_off(clips, fail, "", workers=2))  # type: ignore[arg-type]


def test_the_published_tables_stand_beside_ours(folder: Path) -> None:
    (summary,) = run(folder).summaries
    compared = {item.column: item for item in compare_with_published(summary)}
    assert tuple(compared) == COMPARED
    assert compared["psnr_mean"].published["EquiME (disgust)"] == (40.86, 40.22)
    assert compared["clip_iqa_mean"].ours is None
    average = summary.averages["psnr_mean"]
    assert average is not None
    assert compared["psnr_mean"].ours == (average.mean, average.median)
    assert all(item.remark for item in compared.values())
