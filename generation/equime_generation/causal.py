"""The causal model of a clip, and the plans drawn from it.

What people observe has an arrow from the person to the AU programme: who shows which movement, how strongly, depends
on age, gender and culture. EquiME cuts that arrow (`MODEL`), so that the programme is drawn from a stream that no
attribute of the person enters. In the planned data any association between demographics and expression is chance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from equime_builder.facs import EMOTIONS
from equime_builder.records import SPOTTING, Nuisance, Plan, PlannedAU
from equime_builder.streams import key_of, stream
from equime_generation.distractors import Distraction, draw_distraction
from equime_generation.graph import CausalGraph, Variable
from equime_generation.programmes import draw_programme
from equime_generation.prompts import caption_of, negative_prompt_of, prompt_of
from equime_generation.spotting import draw_scene
from equime_generation.timeline import apex_of

SWAY_PX: Final = (0.5, 0.9)
NOISE_SIGMA: Final = (0.8, 1.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Names the streams of chance of one clip.

    Attributes:
        plan_id: Keys programme and nuisance; clips that share it share both.
    """

    seed: int
    plan_id: str


def draw_nuisance(*, seed: int, plan_id: str, attempt: int) -> Nuisance:
    """Draw N; clips that share a plan share their sway and noise, so that pairs differ in the person alone."""
    key = f"{seed}/{plan_id}/nuisance/{attempt}"
    generator = stream(key, "size")
    sway_px, noise_sigma = generator.uniform(*SWAY_PX), generator.uniform(*NOISE_SIGMA)
    return Nuisance(key=key, sway_px=float(sway_px), noise_sigma=float(noise_sigma))


def _emotion(draw: Draw, _: Mapping[str, Any]) -> str:
    return EMOTIONS[int(stream(draw.seed, draw.plan_id, "emotion").integers(len(EMOTIONS)))]


def _programme(draw: Draw, causes: Mapping[str, Any]) -> tuple[PlannedAU, ...]:
    return draw_programme(causes["E"], seed=draw.seed, plan_id=draw.plan_id)


def _nuisance(draw: Draw, _: Mapping[str, Any]) -> Nuisance:
    return draw_nuisance(seed=draw.seed, plan_id=draw.plan_id, attempt=0)


def _distraction(draw: Draw, causes: Mapping[str, Any]) -> Distraction:
    return draw_distraction(causes["E"], stream(draw.seed, draw.plan_id, "distractors"))


def _prompt(_: Draw, causes: Mapping[str, Any]) -> tuple[str, str]:
    shown = causes["E"], causes["A"], causes["B"].kind
    return prompt_of(*shown), caption_of(*shown)


OBSERVED: Final[CausalGraph[Draw]] = CausalGraph(
    variables=(
        Variable(name="D", meaning="person"),
        Variable(name="E", meaning="emotion", mechanism=_emotion),
        Variable(name="A", meaning="Action Units", parents=("E", "D"), mechanism=_programme),
        Variable(name="N", meaning="sway and noise", mechanism=_nuisance),
        Variable(name="B", meaning="blinks, head motion", parents=("E",), mechanism=_distraction),
        Variable(name="P", meaning="prompt", parents=("E", "A", "B"), mechanism=_prompt),
        Variable(name="V", meaning="video", parents=("D", "A", "N", "B")),
    )
)
"""The world as people record it; the arrow D -> A is why recordings leak the person into the expression."""

MODEL: Final[CausalGraph[Draw]] = OBSERVED.cut("D", "A")
"""The model that EquiME draws from."""


def plan_clip(*, subject_id: str, emotion: str, clip_id: str, plan_id: str, seed: int) -> Plan:
    """Return the plan of one clip: a sample of the model under do(person, emotion), its video left to a renderer.

    Args:
        emotion: One of `equime_builder.facs.EMOTIONS`, or `equime_builder.records.SPOTTING` for a clip of several
            events, whose A and B are drawn together, since they share the clip's time.
    """
    draw = Draw(seed=seed, plan_id=plan_id)
    scene = draw_scene(seed=seed, plan_id=plan_id) if emotion == SPOTTING else None
    if scene is None:
        values = MODEL.do(D=subject_id, E=emotion).sample(draw)
    else:
        values = {"A": scene.aus, "B": scene.distraction, "N": _nuisance(draw, {}), "P": scene.words}
    aus: tuple[PlannedAU, ...] = values["A"]
    distraction: Distraction = values["B"]
    prompt, caption = values["P"]
    return Plan(
        clip_id=clip_id,
        plan_id=plan_id,
        subject_id=subject_id,
        emotion=emotion,
        aus=aus,
        onset_frame=min((planned.onset_frame for planned in aus), default=None),
        apex_frame=apex_of(aus),
        offset_frame=max((planned.offset_frame for planned in aus), default=None),
        nuisance=values["N"],
        prompt=prompt,
        negative_prompt=negative_prompt_of(distraction.kinds),
        caption=caption,
        seed=_seed_of(seed, clip_id, 0),
        blinks=distraction.blinks,
        head_motions=distraction.head_motions,
        events=scene.events if scene else (),
    )


def retry(plan: Plan, *, seed: int, attempt: int) -> Plan:
    """Return the plan for another attempt: the programme stays, so that what the screen drops cannot skew it.

    Args:
        seed: The run's seed.
        attempt: The plan's own returns the plan as it is.
    """
    if attempt == plan.attempt:
        return plan
    return replace(
        plan,
        nuisance=draw_nuisance(seed=seed, plan_id=plan.plan_id, attempt=attempt),
        seed=_seed_of(seed, plan.clip_id, attempt),
        attempt=attempt,
    )


def _seed_of(seed: int, clip_id: str, attempt: int) -> int:
    return key_of(seed, clip_id, attempt) % 2**63


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
