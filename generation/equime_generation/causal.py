"""The causal model of a clip, and the plans drawn from it.

    emotion E ──► AU programme A ──► prompt P
                        │
                        ▼
    person D ───────► video V ◄───── nuisance N

What people observe has an arrow D -> A as well: who shows which movement, how strongly, depends on age, gender and
culture. EquiME cuts that arrow. A is drawn under do(E), from a stream that no attribute of the person enters; N is
drawn independently of both. So in the planned data any association between demographics and expression is chance.

Source: Pearl, "Causality" (2nd ed., 2009), section 3.2, for do(.) as the removal of incoming arrows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from equime_builder.records import Nuisance, Plan, PlannedAU
from equime_generation.programmes import draw_strengths
from equime_generation.prompts import NEGATIVE_PROMPT, caption_of, prompt_of
from equime_generation.random import key_of, stream
from equime_generation.timeline import draw_lag_frames, draw_timing, move

SWAY_PX: Final = (0.4, 0.8)
NOISE_SIGMA: Final = (0.8, 1.4)


def draw_programme(emotion: str, *, seed: int, plan_id: str) -> tuple[PlannedAU, ...]:
    """Draw A under do(E = ``emotion``): AUs with intensities and curves.

    Args:
        seed: The run's seed.
        plan_id: Keys the stream; clips that share it share the programme.

    Returns:
        Left and right as separate entries; empty for ``neutral``.
    """
    strengths = draw_strengths(emotion, stream(seed, plan_id, "strengths"))
    generator = stream(seed, plan_id, "timing")
    timing = draw_timing(generator)
    lags = {au: draw_lag_frames(generator) for au in sorted({strength.au for strength in strengths})}
    return tuple(
        move(item.au, item.side, intensity=item.intensity, timing=timing, lag_frames=lags[item.au])
        for item in strengths
    )


def draw_nuisance(*, seed: int, plan_id: str, attempt: int) -> Nuisance:
    """Draw N; clips that share a plan share their sway and noise, so that pairs differ in the person alone."""
    key = f"{seed}/{plan_id}/nuisance/{attempt}"
    generator = stream(key, "size")
    sway_px, noise_sigma = generator.uniform(*SWAY_PX), generator.uniform(*NOISE_SIGMA)
    return Nuisance(key=key, sway_px=float(sway_px), noise_sigma=float(noise_sigma))


def plan_clip(*, subject_id: str, emotion: str, clip_id: str, plan_id: str, seed: int, attempt: int = 0) -> Plan:
    """Return the plan of one clip: A and N from their streams, P from A, V left to a renderer."""
    aus = draw_programme(emotion, seed=seed, plan_id=plan_id)
    return Plan(
        clip_id=clip_id,
        plan_id=plan_id,
        subject_id=subject_id,
        emotion=emotion,
        aus=aus,
        onset_frame=min((planned.onset_frame for planned in aus), default=None),
        apex_frame=_apex(aus),
        offset_frame=max((planned.offset_frame for planned in aus), default=None),
        nuisance=draw_nuisance(seed=seed, plan_id=plan_id, attempt=attempt),
        prompt=prompt_of(emotion, aus),
        negative_prompt=NEGATIVE_PROMPT,
        caption=caption_of(emotion, aus),
        seed=key_of(seed, clip_id, attempt) % 2**63,
        attempt=attempt,
    )


def retry(plan: Plan, *, seed: int, attempt: int) -> Plan:
    """Return the plan for another attempt: the programme stays, so that what the screen drops cannot skew it.

    Args:
        seed: The run's seed.
        attempt: 0 returns the plan as it is.
    """
    return plan_clip(
        subject_id=plan.subject_id,
        emotion=plan.emotion,
        clip_id=plan.clip_id,
        plan_id=plan.plan_id,
        seed=seed,
        attempt=attempt,
    )


def _apex(aus: Sequence[PlannedAU]) -> int | None:
    if not aus:
        return None
    frames = range(min(au.onset_frame for au in aus), max(au.offset_frame for au in aus) + 1)
    return max(frames, key=lambda frame: (sum(au.at(frame) for au in aus), -frame))


def plan_clips(turns: Mapping[str, Sequence[str]], *, design: str, seed: int) -> Iterator[Plan]:
    """Yield the plans of a run, emotion by emotion.

    A clip's plan depends on the seed and its own id alone: more clips, emotions or subjects change none of the others.

    Args:
        turns: For each emotion, whose clip comes next (see `equime_generation.quotas.deal`).
        design: ``independent`` gives each clip a programme of its own; ``crossed`` gives the n-th clips of all
            subjects the same one.
    """
    for emotion, subject_ids in turns.items():
        made: Counter[str] = Counter()
        for subject_id in subject_ids:
            sequence = f"{emotion}-{made[subject_id]:03d}"
            made[subject_id] += 1
            clip_id = f"{subject_id}-{sequence}"
            plan_id = sequence if design == "crossed" else clip_id
            yield plan_clip(subject_id=subject_id, emotion=emotion, clip_id=clip_id, plan_id=plan_id, seed=seed)
