"""Tiny real material for tests: people, plans, and clips of a moving gradient in H.264."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from equime_builder.facs import Side
from equime_builder.folder import complete_folder
from equime_builder.layout import shard_path
from equime_builder.records import (
    FPS,
    FRAMES,
    SIZE_PX,
    Demographics,
    Generation,
    Measured,
    Media,
    Nuisance,
    Placement,
    Plan,
    PlannedAU,
    Subject,
    TrueMotion,
)
from equime_builder.rows import Row, row_of
from equime_builder.shards import write_rows
from equime_builder.splits import assign

EMOTIONS = {"fear": (1, 2, 4), "anger": (4, 7), "neutral": ()}
CURVE = (0.0, 0.25, 0.5, 1 / 3, 0.1, 0.0)


def person(number: int, *, gender: str | None = "female", skin_tone: str | None = "III") -> Subject:
    demographics = Demographics(
        gender=gender,
        age_group="35-45",
        ethnicity="45% Middle Eastern, 55% North African",
        ethnicity_distribution=(("Middle Eastern", 0.45), ("North African", 0.55)),
        skin_tone=skin_tone,
        source="drawn by a test",
    )
    return Subject(
        id=f"t{number:03d}",
        demographics=demographics,
        source="test pattern",
        source_sha256=f"{number:064x}",
        source_license="CC0-1.0",
        skin_ita=None if number % 2 else 12.5,
    )


def people(count: int) -> list[Subject]:
    tones = ("I", "III", "V", "VI")
    return [person(n, gender=("female", "male")[n % 3 == 0], skin_tone=tones[n % 4]) for n in range(1, count + 1)]


def unit(au: int, side: Side, onset_frame: int = 60) -> PlannedAU:
    return PlannedAU(
        au=au,
        side=side,
        intensity=max(CURVE),
        onset_frame=onset_frame,
        apex_frame=onset_frame + 2,
        offset_frame=onset_frame + 5,
        curve=CURVE,
    )


def plan(subject: Subject, emotion: str, take: int = 0) -> Plan:
    sides: tuple[Side, Side] = ("left", "right")
    aus = tuple(unit(au, side) for au in EMOTIONS[emotion] for side in sides)
    onset, apex, offset = (60, 62, 65) if aus else (None, None, None)
    clip_id = f"{emotion}-{subject.id}-{take:02d}"
    return Plan(
        clip_id=clip_id,
        plan_id=f"{emotion}-{take:02d}",
        subject_id=subject.id,
        emotion=emotion,
        aus=aus,
        onset_frame=onset,
        apex_frame=apex,
        offset_frame=offset,
        nuisance=Nuisance(key=clip_id, sway_px=0.1 + 0.2, noise_sigma=0.5),
        prompt=f"a face that shows {emotion}",
        negative_prompt="blinking",
        caption="brows move for a moment" if aus else "nothing moves",
        seed=2**62 + take,
    )


def encode(rest: np.ndarray, apex: np.ndarray, apex_frame: int | None, path: Path) -> Media:
    """Encode 144 frames, ``apex`` at one of them and ``rest`` elsewhere, as fast as H.264 goes.

    Args:
        rest: (H, W, 3) uint8 RGB, as ``apex``.
    """
    import av

    height, width = rest.shape[:2]
    still, moved = (
        av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p") for image in (rest, apex)
    )
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "30", "g": "250"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number in range(FRAMES):
            frame = moved if number == apex_frame else still
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return Media(
        data=path.read_bytes(),
        num_frames=FRAMES,
        fps=float(FPS),
        width=width,
        height=height,
        codec="h264",
        encoder_profile="test",
    )


def gradient(shade: int) -> np.ndarray:
    """Return a (512, 512, 3) uint8 gradient of its own shade."""
    ramp = np.linspace(0, 200, SIZE_PX).astype(np.uint8)
    blue = np.full((SIZE_PX, SIZE_PX), shade, dtype=np.uint8)
    return np.stack(np.broadcast_arrays(ramp, ramp[:, None], blue), axis=-1)


def sample_media(plan: Plan, shade: int, scratch: Path) -> Media:
    """Encode a gradient that shifts by 8 px at the planned apex."""
    image = gradient(shade)
    return encode(image, np.roll(image, 8, axis=1), plan.apex_frame, scratch / "clip.mp4")


def byte_row(number: int, data: bytes, emotion: str = "fear", *, gender: str | None = "female") -> Row:
    """Return a row whose video is no video, for tests that never decode."""
    subject = person(number % 7, gender=gender)
    planned = plan(subject, emotion, number)
    media = Media(data=data, num_frames=144, fps=24.0, width=512, height=512, codec="h264", encoder_profile="test")
    found = measured(planned) if number % 2 else None
    placement, true = Placement(split="train", fold=number % 5), true_motion(planned) if number % 2 else None
    return row_of(planned, subject, placement, media, found, GENERATION, true_motion=true)


def measured(plan: Plan) -> Measured:
    moving = plan.apex_frame is not None
    return Measured(
        onset_frame=plan.onset_frame,
        apex_frame=plan.apex_frame,
        offset_frame=plan.offset_frame,
        motion_px=1.5 if moving else None,
        motion_iod=0.012 if moving else None,
        correlation=0.97 if moving else None,
        slope=0.9 if moving else None,
        peaks=int(moving),
        outside_px=0.05,
        measured_by="test 1",
    )


def true_motion(plan: Plan) -> TrueMotion:
    moving = plan.apex_frame is not None
    return TrueMotion(motion_px=1.6 * moving, motion_iod=0.0125 * moving, smallest_jacobian=0.9 if moving else 1.0)


GENERATION = Generation(
    renderer="gradient",
    model=None,
    model_revision=None,
    recipe={"renderer": "gradient", "third": 1 / 3, "nested": {"list": [1, None, "ü"]}},
    generated_with="equime tests",
)


def tiny_rows(
    subjects: list[Subject], scratch: Path, takes: int = 2, media_of: Callable[[Plan, int, Path], Media] = sample_media
) -> dict[tuple[str, str], list[Row]]:
    """Return rows by (emotion, split), with a clip of its own each; the first take of each is not measured."""
    placements = assign(subjects)
    rows: dict[tuple[str, str], list[Row]] = {}
    for number, (emotion, subject, take) in enumerate(
        (emotion, subject, take) for emotion in EMOTIONS for subject in subjects for take in range(takes)
    ):
        planned = plan(subject, emotion, take)
        media = media_of(planned, 10 * number % 256, scratch)
        found = measured(planned) if take else None
        row = row_of(
            planned, subject, placements[subject.id], media, found, GENERATION, true_motion=true_motion(planned)
        )
        rows.setdefault((emotion, placements[subject.id].split), []).append(row)
    return rows


def build_tiny_dataset(root: Path, scratch: Path, media_of: Callable[[Plan, int, Path], Media] = sample_media) -> Path:
    """Write a complete dataset folder: 3 people, fear, anger and neutral, 2 clips each, one person a split."""
    subjects = people(3)
    places = assign(subjects)
    for (emotion, split), rows in tiny_rows(subjects, scratch, media_of=media_of).items():
        write_rows(root / shard_path(emotion, split, 0), rows)
    complete_folder(
        root,
        config={"emotions": list(EMOTIONS), "seed": 0, "sway_px": 0.3},
        code_version="0.1.0",
        subjects=subjects,
        placements=places,
        plans={
            shard_path(emotion, assign(subjects)[subject.id].split, 0): [
                plan(subject, emotion, take) for take in range(2)
            ]
            for emotion in EMOTIONS
            for subject in subjects
        },
        rejects=[],
    )
    return root
