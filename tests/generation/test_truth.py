"""Truth that is rebuilt from a dataset is the truth that the clip was rendered with."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from equime_builder.errors import DatasetError, PhotoError, UsageError
from equime_builder.flow import read_flow
from equime_builder.tables import read_plans
from equime_generation.encode import encode
from equime_generation.renderers import Job
from equime_generation.renderers.warp import WarpRenderer
from equime_generation.truth import face_of_photo, true_field, truth_of
from tests.generation.conftest import Ran


def row_of(ran: Ran, folder: str) -> dict[str, object]:
    path = sorted(ran.out.glob(f"{folder}/*.parquet"))[0]
    return dict(pq.read_table(path).to_pylist()[0])


@pytest.mark.parametrize("folder", ["data/fear", "spotting"])
def test_the_field_of_a_row_is_the_one_that_made_its_video(small_run: Ran, folder: str) -> None:
    row = row_of(small_run, folder)
    face = face_of_photo(str(row["source_sha256"]), small_run.config.faces)
    plan = next(plan for plan in read_plans(small_run.out / "plan.parquet") if plan.clip_id == row["id"])
    clip = next(iter(WarpRenderer().render([Job(face=face, plan=plan)])))
    assert hashlib.sha256(encode(clip.frames).data).hexdigest() == row["sha256"], "the clip was made at first attempt"
    rebuilt = truth_of(small_run.out, clip_id=str(row["id"]), faces=small_run.config.faces)
    assert plan.apex_frame is not None
    assert clip.truth is not None
    for frame in (0, plan.apex_frame - 1, plan.apex_frame):
        np.testing.assert_array_equal(rebuilt.field(frame), clip.truth.field(frame))
        np.testing.assert_array_equal(rebuilt.head(frame), clip.truth.head(frame))
    assert np.abs(rebuilt.field(plan.apex_frame)).max() > 0.5


def test_a_row_will_do_as_well(small_run: Ran) -> None:
    row = row_of(small_run, "data/fear")
    apex, faces = int(str(row["apex_frame"])), small_run.config.faces
    field = true_field(row, apex, faces=faces)
    np.testing.assert_array_equal(field, true_field(small_run.out, apex, clip_id=str(row["id"]), faces=faces))
    true = row["true_motion"]
    assert np.hypot(field[..., 0], field[..., 1]).max() == pytest.approx(true["motion_px"], abs=1e-4)  # type: ignore[index]


def test_flow_files_hold_the_true_field_of_every_frame_of_the_event(small_run: Ran) -> None:
    row = row_of(small_run, "data/fear")
    path = sorted(small_run.out.glob("flow/fear/*.parquet"))[0]
    flow = read_flow(path, str(row["id"]))
    onset, apex, offset = (int(str(row[name])) for name in ("onset_frame", "apex_frame", "offset_frame"))
    assert list(flow) == list(range(onset + 1, offset))
    field = true_field(row, apex, faces=small_run.config.faces)
    blocks = field[200:204, 240:244].mean((0, 1)), field[360:364, 300:304].mean((0, 1))
    np.testing.assert_allclose(flow[apex][50, 60], blocks[0], atol=5e-3)
    np.testing.assert_allclose(flow[apex][90, 75], blocks[1], atol=5e-3)
    assert not list(small_run.out.glob("flow/neutral/*")), "nothing is planned on negatives"
    assert list(small_run.out.glob("flow/spotting/*.parquet"))


def test_what_is_not_there_is_said(small_run: Ran, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no clip 'nobody'; ids stand in the column id"):
        true_field(small_run.out, 0, clip_id="nobody")
    with pytest.raises(UsageError, match="frame must lie in 0-143, got 144"):
        true_field(small_run.out, 144, clip_id="nobody")
    with pytest.raises(PhotoError, match=r"openpeople holds no photo with sha256 000000000000\.\.\."):
        face_of_photo("0" * 64, "openpeople")
    with pytest.raises(DatasetError, match="the recipe is damaged: 'plan'"):
        true_field({"recipe": {}}, 0)
