import numpy as np
import pytest
from scipy.optimize import minimize

from equime_builder.errors import UsageError
from equime_builder.streams import stream
from equime_evaluation.shortcuts import FEATURES, Samples, WatchedClip, apex_task, emotion_task, shortcut_auc
from equime_evaluation.shortcuts.logistic import fit_logistic

EMOTIONS = ("fear", "anger", "surprise")


def clips(people: int = 8, takes: int = 4) -> list[WatchedClip]:
    """Clips whose frames hold nothing but noise around each clip's median."""
    return [
        WatchedClip(
            clip_id=f"{person}-{emotion}-{take}",
            person=f"p{person}",
            emotion=emotion,
            size_bytes=int(stream("size", person, emotion, take).normal(250_000 + 30_000 * person, 5_000)),
            frames=stream("frames", person, emotion, take).normal(0, 0.02, (144, len(FEATURES))),
            onset_frame=50 + take,
            apex_frame=54 + take,
            offset_frame=60 + take,
        )
        for person in range(people)
        for emotion in EMOTIONS
        for take in range(takes)
    ]


def auc_of(samples: Samples) -> float:
    return shortcut_auc(samples.features, samples.labels, samples.groups).auc


def test_noise_holds_no_shortcut() -> None:
    made = clips()
    assert auc_of(apex_task(made)) == pytest.approx(0.5, abs=0.08)
    told = [auc_of(emotion_task(made, emotion)) for emotion in EMOTIONS]
    assert np.mean(told) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("name", ["face sharpness", "upper brightness", "packet bytes", "quantiser", "cheeks noise"])
def test_a_shift_at_the_apex_is_found(name: str) -> None:
    made = clips()
    for clip in made:
        clip.frames[clip.apex_frame, FEATURES.index(name)] -= 0.06
    assert auc_of(apex_task(made)) > 0.9


def test_a_change_to_either_side_is_found() -> None:
    made = clips()
    for number, clip in enumerate(made):
        clip.frames[clip.apex_frame, FEATURES.index("upper contrast")] += 0.08 * (-1) ** number
    assert auc_of(apex_task(made)) > 0.85


def test_an_emotion_in_larger_files_is_found() -> None:
    made = [
        WatchedClip(**{**{slot: getattr(clip, slot) for slot in WatchedClip.__slots__}, "size_bytes": size})
        for clip in clips()
        for size in [clip.size_bytes + 40_000 * (clip.emotion == "fear")]
    ]
    assert auc_of(emotion_task(made, "fear")) > 0.9


def test_rest_is_read_far_from_the_event_and_the_ends() -> None:
    for clip in (made := clips(people=2, takes=1)):
        clip.frames[:] = np.arange(144)[:, None]
    samples = apex_task(made)
    assert samples.labels.sum() == len(made)
    assert len(samples.labels) == 9 * len(made)
    np.testing.assert_array_equal(samples.features[samples.labels, 0], 54)
    rest = samples.features[~samples.labels, 0]
    assert rest.min() >= 12
    assert rest.max() < 132
    assert not ((rest > 44) & (rest < 66)).any()


def test_only_unseen_people_count() -> None:
    """A mark of the person that goes with the label among the others says nothing of her own samples."""
    labels = np.tile([True, False, False], 10)
    groups = np.repeat([f"p{number}" for number in range(10)], 3)
    features = np.repeat(np.arange(10.0), 3)[:, None]
    assert shortcut_auc(features, labels, groups.tolist()).auc == 0.5


def test_the_interval_is_over_people() -> None:
    rng = stream("interval")
    groups = np.repeat([f"p{number}" for number in range(12)], 20)
    labels = np.tile(np.arange(20) < 5, 12)
    found = shortcut_auc(rng.normal(size=(240, 2)) + 0.8 * labels[:, None], labels, groups.tolist())
    assert found.low < found.auc < found.high
    assert found.low > 0.6
    assert (found.people, found.samples) == (12, 240)


@pytest.mark.parametrize("groups", [["a", "a", "a", "a"], ["a", "a", "b", "b"]])
def test_too_few_people_are_refused(groups: list[str]) -> None:
    with pytest.raises(UsageError, match="give clips of more people"):
        shortcut_auc(np.zeros((4, 1)), np.array([True, True, False, False]), groups)


def test_logistic_regression_reaches_the_optimum_of_its_loss() -> None:
    rng = stream("logistic")
    features, ridge = rng.normal(size=(60, 3)), 2.0
    labels = features @ (1.0, -2.0, 0.0) + rng.logistic(size=60) > 0.5
    share = np.where(labels, 0.5 / labels.mean(), 0.5 / (~labels).mean())

    def loss(theta: np.ndarray) -> float:
        odds = features @ theta[:3] + theta[3]
        return float(
            (share * np.logaddexp(0, np.where(labels, -odds, odds))).sum() + ridge / 2 * (theta[:3] ** 2).sum()
        )

    fitted = fit_logistic(features, labels, ridge=ridge)
    best = minimize(loss, np.zeros(4), tol=1e-10).x
    np.testing.assert_allclose([*fitted.weights, fitted.intercept], best, atol=1e-4)
