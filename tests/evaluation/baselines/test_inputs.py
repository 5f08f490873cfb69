from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from equime_builder.errors import MediaError, UsageError
from equime_evaluation.baselines import Setup
from equime_evaluation.baselines.batches import seen, training_batches
from equime_evaluation.baselines.flow import flow_and_strain, strain
from equime_evaluation.baselines.inputs import Inputs, inputs_of
from equime_evaluation.baselines.moments import event_of, shown_frames, spotted, usual_length
from tests.evaluation.baselines.material import recording, recordings
from tests.moving import picture

SETUP = Setup(size_px=32, frames=4, crop="whole")


def silent(done: int, total: int, what: str) -> None:
    assert 0 <= done <= total
    assert what


def read(cache: Path, setup: Setup = SETUP, *, at_rest: bool = False) -> Inputs:
    return inputs_of(recordings(2), setup, cache=cache, at_rest=at_rest, locate=None, tell=silent)


def test_frames_are_those_of_the_event_with_the_onset_first() -> None:
    clip = recording(0, "anger")
    chosen = shown_frames(clip, SETUP, event_of(clip))
    assert (chosen[0], chosen[-1]) == (clip.onset_frame, clip.offset_frame)
    assert clip.apex_frame in chosen
    assert len(chosen) == SETUP.frames + 1


def test_frames_at_rest_hold_nothing_of_the_event() -> None:
    clip = recording(0, "anger")
    onset, apex, offset = event_of(clip, rest_frames=4)
    assert clip.onset_frame is not None
    assert clip.offset_frame is not None
    assert (apex - onset, offset - onset) == (2, 4)
    assert offset < clip.onset_frame or onset > clip.offset_frame
    still = clip.frames.read(range(onset, offset + 1))
    assert (still == still[0]).all()


def test_a_clip_that_is_all_event_has_nothing_at_rest() -> None:
    clip = recording(0, "anger")
    full = type(clip)(
        dataset="x", subject="a", name="b", emotion="anger", frames=clip.frames, onset_frame=2, apex_frame=9,
        offset_frame=20,
    )  # fmt: skip
    with pytest.raises(MediaError, match="no 19 frames at rest"):
        event_of(full, rest_frames=18)


def test_the_length_at_rest_is_that_of_the_event_in_the_middle() -> None:
    clips = [
        replace(recording(0, "anger"), onset_frame=2, apex_frame=4, offset_frame=2 + length) for length in (9, 5, 14)
    ]
    assert usual_length(clips) == 9
    assert usual_length([replace(clips[0], onset_frame=None, apex_frame=None, offset_frame=None)]) == 2


def test_a_window_longer_than_the_clip_stands_still_at_its_end() -> None:
    clip = recording(0, "anger")
    setup = Setup(size_px=32, frames=30, sampling="window", difference=False, crop="whole")
    assert shown_frames(clip, setup, event_of(clip)).tolist() == [*range(24), *[23] * 6]


def test_the_event_of_an_unlabelled_clip_is_found_by_its_change() -> None:
    labelled = recording(0, "surprise", 2)
    onset, apex, offset = spotted(recording(0, "surprise", 2, labelled=False))
    assert labelled.apex_frame is not None
    assert abs(apex - labelled.apex_frame) <= 3
    assert onset < apex <= offset


def test_inputs_are_kept_and_read_again(tmp_path: Path) -> None:
    first = read(tmp_path)
    assert first.values.shape == (12, 5, 32, 32)
    assert first.values.dtype == np.uint8
    (kept,) = tmp_path.iterdir()
    again = read(tmp_path)
    np.testing.assert_array_equal(again.values, first.values)
    assert again.ids == first.ids
    kept.write_bytes(b"damaged")
    np.testing.assert_array_equal(read(tmp_path).values, first.values)
    read(tmp_path, at_rest=True)
    assert len(list(tmp_path.iterdir())) == 2


def test_clips_without_a_face_are_left_out_with_the_reason(tmp_path: Path) -> None:
    setup = Setup(size_px=32, frames=4)
    with pytest.raises(UsageError, match="nobody finds them here"):
        read(tmp_path, setup)
    with pytest.raises(UsageError, match="no face is found"):
        inputs_of(recordings(1), setup, cache=tmp_path, at_rest=False, locate=lambda _: None, tell=silent)


def test_differences_hide_what_does_not_move(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    batch = seen(inputs, np.arange(12), SETUP).numpy()
    assert batch.shape == (12, 1, 4, 32, 32)
    # anger moves a square in rows 2 to 10; nothing else changes
    np.testing.assert_array_equal(batch[0, 0, :, 16:], 0)
    assert np.abs(batch[0, 0, 1, 2:10, 12:20]).min() > 0
    # a picture of half the contrast shows half the change, and looks the same
    values = (100 + (inputs.values.astype(int) - 100) // 2).astype(np.uint8)
    darker = seen(Inputs(values=values, ids=inputs.ids), np.arange(12), SETUP).numpy()
    np.testing.assert_allclose(darker, batch, rtol=0.1, atol=1e-6)


def test_frames_without_differences_are_scaled_in_floats(tmp_path: Path) -> None:
    setup = Setup(size_px=32, frames=6, difference=False, crop="whole")
    batch = seen(read(tmp_path, setup), np.arange(12), setup).numpy()
    assert batch.mean((1, 2, 3, 4)) == pytest.approx(0, abs=1e-3)
    assert batch.std((1, 2, 3, 4)) == pytest.approx(1, abs=1e-2)
    assert len(np.unique(batch)) > 100


def test_variation_is_a_function_of_its_key(tmp_path: Path) -> None:
    inputs = read(tmp_path)
    one, same, other = (seen(inputs, np.arange(12), SETUP, key=key).numpy() for key in ("a", "a", "b"))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_mirrored_flow_goes_the_other_way() -> None:
    setup = Setup(model="ststnet", size_px=28, frames=0, shift_px=0, crop="whole")
    values = np.zeros((64, 3, 28, 28), np.float32)
    values[:, 0, :, :14], values[:, 1] = 1.0, 2.0
    batch = seen(Inputs(values=values, ids=("",) * 64), np.arange(64), setup, key="a").numpy()
    mirrored = batch[:, 0, 0, 0] == 0
    assert 16 < mirrored.sum() < 48
    assert set(batch[mirrored, 0, 0, -1]) == {-0.25}
    assert set(batch[~mirrored, 0, 0, 0]) == {0.25}
    assert set(batch[:, 1].ravel()) == {0.5}


def test_each_clip_is_trained_on_once_an_epoch() -> None:
    setup = Setup(batch_size=4)
    batches = list(training_batches(np.arange(10, 21), setup, "a"))
    assert [len(batch) for batch in batches] == [4, 4, 3]
    assert sorted(np.concatenate(batches)) == list(range(10, 21))
    assert [len(batch) for batch in training_batches(np.arange(9), setup, "a")] == [4, 4]


def test_strain_of_a_stretch_is_what_it_is() -> None:
    y, x = np.mgrid[0:20, 0:20].astype(np.float32)
    # 3 % wider, 2 % lower, sheared by 1 %: e_xx .03, e_yy -.02, e_xy .005
    field = np.stack([0.03 * x + 0.01 * y, -0.02 * y], -1)
    expected = np.sqrt(0.03**2 + 0.02**2 + 2 * 0.005**2)
    np.testing.assert_allclose(strain(field), expected, rtol=1e-4)


def test_flow_finds_a_bump_and_not_the_head() -> None:
    still = picture(224)
    apex = np.roll(still, 2, axis=1)  # all moves to the right by 2 px: the head
    apex[80:144, 80:144] = np.roll(still, 4, axis=1)[80:144, 80:144]
    found = flow_and_strain(still.astype(np.uint8), apex.astype(np.uint8), 28)
    assert found.shape == (3, 28, 28)
    assert np.median(found[0]) == pytest.approx(0, abs=0.3)
    assert found[0, 13:15, 13:15].mean() == pytest.approx(2, abs=0.4)
    assert found[2].min() >= 0
