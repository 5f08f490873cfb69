import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from equime_builder.decode import decode_frames
from equime_builder.demux import probe_video
from equime_builder.digests import sha256_of_file
from equime_builder.errors import PhotoError, UsageError
from equime_builder.layout import place_of
from equime_builder.manifest import read_manifest
from equime_builder.tables import read_plans, read_rejects, read_subjects
from equime_builder.verify import verify
from equime_generation.config import RunConfig
from equime_generation.progress import Tally
from equime_generation.run import render_dataset
from tests.generation.conftest import Ran


def hashes(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): sha256_of_file(path) for path in sorted(out.rglob("*.parquet"))}


def rows_of(out: Path) -> Iterator[dict[str, object]]:
    for path in sorted(out.glob("data/*/*.parquet")):
        yield from pq.read_table(path).to_pylist()


def spotting_rows_of(out: Path) -> Iterator[dict[str, object]]:
    for path in sorted(out.glob("spotting/*.parquet")):
        yield from pq.read_table(path).to_pylist()


def test_every_planned_clip_is_a_row_or_a_reject(small_run: Ran) -> None:
    planned = {plan.clip_id for plan in read_plans(small_run.out / "plan.parquet")}
    kept = {str(row["id"]) for row in [*rows_of(small_run.out), *spotting_rows_of(small_run.out)]}
    dropped = {
        reject.id
        for reject in read_rejects(small_run.out / "rejects.parquet")
        if reject.kind == "clip" and reject.final
    }
    assert len(planned) == 7
    assert kept | dropped == planned
    assert not kept & dropped
    assert small_run.summary.total == len(kept)


def test_the_folder_is_whole_and_the_work_folder_gone(small_run: Ran) -> None:
    assert list(verify(small_run.out, deep=True)) == []
    assert not (small_run.out / ".work").exists()
    names = {path.name for path in small_run.out.iterdir()}
    assert {"README.md", "data", "manifest.json", "plan.parquet", "subjects.parquet", "rejects.parquet"} <= names
    assert {"LICENSE", "gallery", "run.toml"} <= names


def test_rows_hold_what_their_plan_says(small_run: Ran) -> None:
    plans = {plan.clip_id: plan for plan in read_plans(small_run.out / "plan.parquet")}
    for row in rows_of(small_run.out):
        plan = plans[str(row["id"])]
        assert row["prompt"] == plan.prompt
        assert row["apex_frame"] == plan.apex_frame
        assert [unit["au"] for unit in row["aus"]] == [planned.au for planned in plan.aus]  # type: ignore[attr-defined]


def test_rows_tell_true_motion_apart_from_measured(small_run: Ran) -> None:
    for row in rows_of(small_run.out):
        true, measured = row["true_motion"], row["measured"]
        if row["apex_frame"] is None:
            assert (true["motion_px"], true["motion_iod"]) == (0, 0)  # type: ignore[index]
            continue
        assert measured["motion_px"] == pytest.approx(true["motion_px"] * abs(measured["slope"]), rel=1e-3)  # type: ignore[index]
        assert true["motion_px"] / true["motion_iod"] == pytest.approx(  # type: ignore[index]
            measured["motion_px"] / measured["motion_iod"],  # type: ignore[index]
            rel=1e-2,
        )


def test_a_spotting_row_holds_each_event_as_planned_and_as_measured(small_run: Ran) -> None:
    (row,) = spotting_rows_of(small_run.out)
    plan = {plan.clip_id: plan for plan in read_plans(small_run.out / "plan.parquet")}[str(row["id"])]
    events = row["events"]
    assert [event["emotion"] for event in events] == [event.emotion for event in plan.events]  # type: ignore[attr-defined]
    for event, planned in zip(events, plan.events, strict=True):  # type: ignore[call-overload]
        measured = event["measured"]
        assert (event["onset_frame"], event["offset_frame"]) == (planned.onset_frame, planned.offset_frame)
        assert abs(measured["apex_frame"] - planned.apex_frame) <= 2
        assert measured["motion_px"] == pytest.approx(event["true_motion"]["motion_px"] * measured["slope"], rel=1e-3)
        assert measured["correlation"] > 0.8


def test_rows_carry_real_video(small_run: Ran) -> None:
    row = next(rows_of(small_run.out))
    data = row["video"]["bytes"]  # type: ignore[index]
    facts = probe_video(data)
    assert (facts.frames, facts.fps, facts.width, facts.height, facts.codec) == (144, 24, 512, 512, "h264")
    assert decode_frames(data, [0, 143]).shape == (2, 512, 512, 3)


def test_the_event_moves_and_the_rest_keeps_still(small_run: Ran) -> None:
    row = next(row for row in rows_of(small_run.out) if row["apex_frame"] is not None)
    onset, apex = int(row["onset_frame"]), int(row["apex_frame"])  # type: ignore[call-overload]
    frames = decode_frames(row["video"]["bytes"], [onset - 6, onset - 3, apex])  # type: ignore[index]
    first, rest, event = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(np.float32) for frame in frames)
    still, moved = np.abs(without_tremor(first, rest) - rest), np.abs(without_tremor(event, rest) - rest)
    assert np.percentile(moved, 99.5) > 2 * np.percentile(still, 99.5)


def without_tremor(frame: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Lay a frame on another by the rigid motion between them, found by OpenCV's correlation of whole pictures."""
    start = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 50, 1e-5)
    _, matrix = cv2.findTransformECC(reference, frame, start, cv2.MOTION_EUCLIDEAN, stop)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(frame, matrix, (512, 512), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def test_people_keep_to_one_split_and_to_what_was_declared(small_run: Ran) -> None:
    people = read_subjects(small_run.out / "subjects.parquet")
    assert {who: subject.demographics.gender for who, (subject, _) in people.items()} == {
        "ann": "female",
        "ben": "male",
        "cay": "female",
    }
    assert {placement.split for _, placement in people.values()} == {"train", "validation", "test"}
    for entry in read_manifest(small_run.out).shards:
        _, split = place_of(entry.path) or ("", "")
        found = {row["subject_id"] for row in pq.read_table(small_run.out / entry.path).to_pylist()}
        assert found <= {who for who, (_, placement) in people.items() if placement.split == split}


def test_a_broken_photo_is_listed_and_does_not_stop_the_run(small_run: Ran) -> None:
    refused = [reject for reject in read_rejects(small_run.out / "rejects.parquet") if reject.kind == "photo"]
    assert [(reject.id, reject.reason) for reject in refused] == [("broken.jpg", "unreadable")]
    assert [reject.id for reject in small_run.tally.refused] == ["broken.jpg"]


def test_no_path_of_this_machine_enters_the_dataset(small_run: Ran, people_folder: Path) -> None:
    for path in small_run.out.rglob("*"):
        if path.is_file():
            assert str(people_folder).encode() not in path.read_bytes(), path


def test_the_same_run_again_renders_nothing(small_run: Ran) -> None:
    before = hashes(small_run.out)
    tally = Tally()
    summary = render_dataset(small_run.config, tally)
    assert summary.already_whole
    assert tally.clips == 0
    assert hashes(small_run.out) == before
    assert not (small_run.out / ".work").exists()


def test_other_photos_are_refused(small_run: Ran, people_folder: Path, tmp_path: Path) -> None:
    fewer = tmp_path / "fewer"
    shutil.copytree(people_folder, fewer)
    (fewer / "P005.jpg").unlink()
    (fewer / "metadata.csv").write_text("file,subject_id\nP001.jpg,ann\nP002.jpg,ben\n")
    with pytest.raises(UsageError, match="cay changed, vanished or joined"):
        render_dataset(replace(small_run.config, faces=f"folder:{fewer}"), Tally())


def test_one_worker_gives_the_same_bytes_as_two(small_run: Ran, tmp_path: Path) -> None:
    config = replace(small_run.config, out=str(tmp_path / "equime"), workers=1)
    render_dataset(config, Tally())
    assert hashes(tmp_path / "equime") == hashes(small_run.out)


def test_no_face_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    config = RunConfig(faces=f"folder:{tmp_path / 'photos'}", out=str(tmp_path / "out"))
    with pytest.raises(PhotoError, match=r"none of the 1 photos of folder:.* passed the gate"):
        render_dataset(config, Tally())


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_runs_killed_anywhere_end_in_the_same_bytes(small_run: Ran, tmp_path: Path) -> None:
    out = tmp_path / "equime"
    moments = random.Random(20)
    triggers: list[Callable[[], bool]] = [
        after(moments.uniform(1, 6)),
        lambda: any(out.glob(".work/faces/*.npz")),
        lambda: any(out.glob(".work/parts/[a-z]*.parquet")),
        after(moments.uniform(5, 12)),
        lambda: any(out.glob("data/*/*.parquet")),
        lambda: any(out.glob("gallery/*")),
    ]
    for trigger in triggers:
        kill_when(trigger, small_run.config, out)
        for path in out.glob("data/*/[!.]*"):
            pq.read_table(path)
        assert not (out / "manifest.json").exists()
    with driver(small_run.config, out) as last:
        assert last.wait() == 0
    assert hashes(out) == hashes(small_run.out)
    assert not (out / ".work").exists()
    assert list(verify(out, deep=False)) == []


def driver(config: RunConfig, out: Path) -> subprocess.Popen[bytes]:
    words = ["--faces", config.faces, "--emotions", ",".join(config.emotions), "--workers", "2", "--out", str(out)]
    counts = ["--clips-per-emotion", "3", "--spotting-clips", "1", "--with-flow"]
    command = [sys.executable, "-m", "equime_generation.cli", "render", *counts, *words]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def after(seconds: float) -> Callable[[], bool]:
    start: list[float] = []

    def due() -> bool:
        start.append(time.monotonic())
        return start[-1] - start[0] > seconds

    return due


def kill_when(trigger: Callable[[], bool], config: RunConfig, out: Path) -> None:
    with driver(config, out) as process:
        while not trigger():
            assert process.poll() is None, "the run ended before it was killed"
            time.sleep(0.01)
        process.kill()
