from __future__ import annotations

import dataclasses
import hashlib
import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from equime_builder.errors import UsageError
from equime_builder.records import Demographics, Reject
from equime_generation.alignment import crop_transform
from equime_generation.faces import Face
from equime_generation.gate import RULES, admit, rules_named, rules_without
from equime_generation.gate.candidate import Candidate, make_candidate
from equime_generation.gate.rules import Rule
from equime_generation.landmarks import FaceFinder
from equime_generation.sources import Photo, open_source


def photo_of(image: np.ndarray | Image.Image | bytes, *, subject_id: str | None = None, name: str = "photo") -> Photo:
    if not isinstance(image, bytes):
        buffer = io.BytesIO()
        (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, "PNG", compress_level=1)
        image = buffer.getvalue()
    return Photo(
        name=name, content=image, subject_id=subject_id, demographics=Demographics(), source="test", license="none"
    )


def refusal(image: np.ndarray | Image.Image, finder: FaceFinder, rules: tuple[Rule, ...]) -> str | None:
    (outcome,) = admit([photo_of(image)], finder, rules=rules)
    return outcome.reason if isinstance(outcome, Reject) else None


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    """The photo of the first default person at half its size."""
    image = Image.open(io.BytesIO(open_source()[0].read()))
    return image.resize((1024, 1024), Image.Resampling.LANCZOS)


@pytest.fixture(scope="module")
def candidate(portrait: Image.Image, finder: FaceFinder) -> Candidate:
    made = make_candidate(np.asarray(portrait), finder)
    assert made is not None
    return made


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.asarray(pytest.importorskip("skimage.data").astronaut())


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    cbook = pytest.importorskip("matplotlib.cbook")
    with Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        return np.asarray(image.convert("RGB"))


def test_every_default_person_passes(default_faces: tuple[Face, ...]) -> None:
    assert [face.subject.id for face in default_faces] == [f"openpeople-p{n:03d}" for n in range(1, 11)]
    for face in default_faces:
        assert face.image.shape == (512, 512, 3)
        assert face.image.dtype == np.uint8
        assert face.landmarks.shape == (478, 3)


def test_a_subject_carries_the_hash_of_its_photo(default_face: Face) -> None:
    assert default_face.subject.source_sha256 == hashlib.sha256(open_source()[0].read()).hexdigest()
    assert default_face.subject.source_license == "MIT"


def test_the_same_photo_gives_the_same_face(default_face: Face, finder: FaceFinder) -> None:
    (again,) = admit(open_source()[:1], finder)
    assert isinstance(again, Face)
    np.testing.assert_array_equal(again.image, default_face.image)
    np.testing.assert_array_equal(again.landmarks, default_face.landmarks)


@pytest.mark.parametrize("reason", ["small_face", "upscaled", "smile", "lips_parted"])
def test_the_astronaut_breaks_each_of_these_rules_alone(reason: str, astronaut: np.ndarray, finder: FaceFinder) -> None:
    assert refusal(astronaut, finder, rules_named(reason)) == reason


def test_the_astronaut_breaks_no_other_rule(astronaut: np.ndarray, finder: FaceFinder) -> None:
    rules = rules_without("small_face", "upscaled", "smile", "lips_parted")
    assert refusal(astronaut, finder, rules) is None


@pytest.mark.parametrize("reason", ["upscaled", "glasses"])
def test_grace_hopper_breaks_each_of_these_rules_alone(reason: str, hopper: np.ndarray, finder: FaceFinder) -> None:
    assert refusal(hopper, finder, rules_named(reason)) == reason


def test_grace_hopper_breaks_no_other_rule(hopper: np.ndarray, finder: FaceFinder) -> None:
    assert refusal(hopper, finder, rules_without("upscaled", "glasses")) is None


def test_the_rules_say_value_and_limit_in_one_line(astronaut: np.ndarray, finder: FaceFinder) -> None:
    (outcome,) = admit([photo_of(astronaut, name="astronaut.png")], finder, rules=rules_named("upscaled"))
    assert outcome == Reject(
        kind="photo",
        id="astronaut.png",
        reason="upscaled",
        detail="enlargement of the face must be at most 1.5, got 3.09",
        subject_id=outcome.subject_id if isinstance(outcome, Reject) else None,
    )


def test_two_people_are_several_faces_and_one_of_them_may_be_far_behind(
    portrait: Image.Image, finder: FaceFinder
) -> None:
    pair = Image.new("RGB", (2048, 1024), "grey")
    pair.paste(portrait, (0, 0))
    pair.paste(portrait, (1024, 0))
    assert refusal(pair, finder, rules_named("several_faces")) == "several_faces"
    assert refusal(portrait, finder, rules_named("several_faces")) is None


def test_no_face_is_refused_whatever_the_rules(finder: FaceFinder) -> None:
    assert refusal(np.full((400, 400, 3), 128, np.uint8), finder, ()) == "no_face"


@pytest.mark.parametrize("box", [(340, 0, 1024, 1024), (0, 0, 1024, 620)])
def test_a_face_at_the_border_is_cut_off(
    box: tuple[int, int, int, int], portrait: Image.Image, finder: FaceFinder
) -> None:
    assert refusal(portrait.crop(box), finder, rules_named("cut_off")) == "cut_off"


def test_a_head_on_its_side_is_a_pose(portrait: Image.Image, finder: FaceFinder) -> None:
    rules = rules_named("pose")
    assert refusal(portrait.rotate(40, resample=Image.Resampling.BILINEAR), finder, rules) == "pose"
    assert refusal(portrait.rotate(15, resample=Image.Resampling.BILINEAR), finder, rules) is None


@pytest.mark.parametrize(("sigma_px", "expected"), [(1.0, None), (6.0, "blurred")])
def test_blur_is_refused(sigma_px: float, expected: str | None, portrait: Image.Image, finder: FaceFinder) -> None:
    assert refusal(portrait.filter(ImageFilter.GaussianBlur(sigma_px)), finder, rules_named("blurred")) == expected


@pytest.mark.parametrize(("stops", "expected"), [(0.5, None), (2.5, "unevenly_lit")])
def test_light_from_the_side_is_refused(
    stops: float, expected: str | None, portrait: Image.Image, finder: FaceFinder
) -> None:
    # 2.2 as the exponent of sRGB; the cheeks stand about a quarter of the width apart
    falloff = 2 ** (-4 * stops * np.linspace(0, 1, 1024)[None, :, None] / 2.2)
    lit = np.clip(np.asarray(portrait) * falloff * 2 ** (2 * stops / 2.2), 0, 255).astype(np.uint8)
    assert refusal(lit, finder, rules_named("unevenly_lit")) == expected


def turned(yaw_deg: float, pitch_deg: float) -> np.ndarray:
    """A pose matrix by hand: first the nod about x, then the turn about y."""
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    pose = np.eye(4)
    pose[:3, :3] = about_y @ about_x
    return pose


@pytest.mark.parametrize(
    ("yaw_deg", "pitch_deg", "complaint"),
    [
        (0, 0, None),
        (14, 0, None),
        (-14, 19, None),
        (16, 0, "yaw (degrees) must be at most 15, got 16"),
        (-20, 0, "yaw (degrees) must be at most 15, got 20"),
        (0, 25, "pitch (degrees) must be at most 20, got 25"),
        (0, -12, "pitch (degrees) must be at least -10, got -12"),
    ],
)
def test_a_turned_or_nodding_head_is_a_pose(
    yaw_deg: float, pitch_deg: float, complaint: str | None, candidate: Candidate
) -> None:
    face = dataclasses.replace(candidate.face, pose=turned(yaw_deg, pitch_deg))
    posed = dataclasses.replace(candidate, face=face)
    complaints = [rule.complaint(posed) for rule in rules_named("pose")]
    assert next(filter(None, complaints), None) == complaint


@pytest.mark.parametrize(
    ("reason", "names"),
    [
        ("eyes_closed", ("eyeBlinkLeft", "eyeBlinkRight")),
        ("smile", ("mouthSmileLeft", "mouthSmileRight")),
        ("posed_mouth", ("mouthPucker",)),
        ("posed_mouth", ("mouthFrownLeft", "mouthFrownRight")),
        ("posed_mouth", ("jawLeft",)),
    ],
)
def test_what_the_eyes_and_mouth_do_is_held_against_its_rule_alone(
    reason: str, names: tuple[str, ...], candidate: Candidate
) -> None:
    shapes = candidate.face.blendshapes | dict.fromkeys(names, 0.9)
    acting = dataclasses.replace(candidate, face=dataclasses.replace(candidate.face, blendshapes=shapes))
    assert {rule.reason for rule in RULES if rule.complaint(acting)} == {reason}


@pytest.mark.parametrize("name", ["browDown", "browOuterUp", "eyeSquint", "cheekSquint", "mouthPress"])
def test_anatomy_that_reads_as_expression_is_not_refused(name: str, candidate: Candidate) -> None:
    shapes = candidate.face.blendshapes | {f"{name}Left": 1.0, f"{name}Right": 1.0, "browInnerUp": 1.0}
    acting = dataclasses.replace(candidate, face=dataclasses.replace(candidate.face, blendshapes=shapes))
    assert not [rule.reason for rule in RULES if rule.complaint(acting)]


def test_a_gap_between_the_lips_is_measured_in_eye_distances(candidate: Candidate) -> None:
    landmarks = candidate.face.landmarks.copy()
    transform = crop_transform(landmarks)
    landmarks[14, 1] = landmarks[13, 1] + 0.05 * 128 / np.sqrt(np.linalg.det(transform[:, :2]))
    landmarks[14, 0] = landmarks[13, 0]
    parted = dataclasses.replace(candidate, face=dataclasses.replace(candidate.face, landmarks=landmarks))
    (rule,) = rules_named("lips_parted")
    assert rule.measure(parted) == pytest.approx(0.05, rel=0.1)
    assert rule.complaint(parted) is not None


def test_a_bad_photo_never_stops_the_run(portrait: Image.Image, finder: FaceFinder) -> None:
    good = photo_of(portrait, name="good")
    twin = dataclasses.replace(good, name="twin")
    photos = [photo_of(b"", name="empty"), photo_of(b"text", name="text"), good, twin, photo_of(b"GIF89a", name="gif")]
    outcomes = list(admit(photos, finder))
    reasons = [outcome.reason if isinstance(outcome, Reject) else "passed" for outcome in outcomes]
    assert reasons == ["unreadable", "unreadable", "passed", "duplicate", "unreadable"]
    passed = outcomes[2]
    assert isinstance(passed, Face)
    assert passed.subject.id == f"photo-{passed.subject.source_sha256[:12]}"


def test_the_first_photo_that_passes_stands_for_the_person(
    portrait: Image.Image, astronaut: np.ndarray, finder: FaceFinder
) -> None:
    photos = [
        photo_of(astronaut, subject_id="anna", name="first"),
        photo_of(portrait, subject_id="anna", name="second"),
        photo_of(portrait.rotate(3), subject_id="anna", name="third"),
    ]
    outcomes = list(admit(photos, finder))
    assert isinstance(outcomes[1], Face)
    assert [o.reason for o in outcomes if isinstance(o, Reject)] == ["small_face", "spare"]
    assert {o.subject_id for o in outcomes if isinstance(o, Reject)} == {"anna"}


def test_naming_and_leaving_out_rules_part_the_table() -> None:
    assert {*rules_named("pose", "smile"), *rules_without("pose", "smile")} == set(RULES)
    assert len(rules_named("pose")) == 3


def test_a_rule_that_is_not_in_the_table_is_no_silent_pass() -> None:
    with pytest.raises(UsageError, match="rule 'smiles' is unknown; choose from: several_faces, small_face"):
        rules_without("smiles")
