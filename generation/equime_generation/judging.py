"""A rendered and encoded clip becomes a row, or the reasons why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from equime_builder.records import Media, Reject
from equime_builder.rows import Row, row_of
from equime_builder.spotting import spotting_row_of

if TYPE_CHECKING:
    from equime_generation.finishing import Order
    from equime_generation.renderers import Clip

Verdict = tuple[Row | None, tuple[Reject, ...]]
"""The row of a clip that passed, or why it did not."""


def judge(clip: Clip, media: Media, order: Order) -> Verdict:
    """Measure and screen a clip of one event, several or none.

    The row holds what was rendered, which skin that would have folded makes weaker than what was asked for.
    """
    from equime_evaluation.motion import FlatPictureError
    from equime_generation.screen import unmeasurable

    of_its_kind = _judge_events if clip.plan.events else _judge_clip
    try:
        return of_its_kind(clip, media, order)
    except FlatPictureError as error:
        return None, (unmeasurable(clip.plan, str(error)),)


def _judge_clip(clip: Clip, media: Media, order: Order) -> Verdict:
    from equime_evaluation.motion import measure
    from equime_generation.recipe import generation_of
    from equime_generation.screen import screen
    from equime_generation.true_motion import motion_to_find, true_motion_of

    face = order.face
    fields = motion_to_find(clip, face).probe()
    measured = measure(media.data, fields, interocular_px=face.interocular_px, negative=not clip.plan.aus)
    faults = screen(clip.plan, media, measured, smallest_jacobian=clip.smallest_jacobian)
    if faults:
        return None, faults
    true_motion = true_motion_of(clip, fields, interocular_px=face.interocular_px)
    generation = generation_of(clip.plan, face, order.maker)
    row = row_of(clip.plan, face.subject, order.placement, media, measured, generation, true_motion=true_motion)
    return row, ()


def _judge_events(clip: Clip, media: Media, order: Order) -> Verdict:
    from equime_evaluation.motion import measure_events
    from equime_generation.recipe import generation_of
    from equime_generation.screen import screen_events
    from equime_generation.true_motion import motion_to_find, true_motion_of

    face = order.face
    fields, scale = motion_to_find(clip, face).probe(), {"interocular_px": face.interocular_px}
    spans = [(event.onset_frame, event.offset_frame) for event in clip.plan.events]
    found = measure_events(media.data, fields, spans, **scale)
    faults = screen_events(clip.plan, media, found, smallest_jacobian=clip.smallest_jacobian)
    if faults:
        return None, faults
    true = [true_motion_of(clip, fields[[number]], **scale) for number in range(len(spans))]
    generation = generation_of(clip.plan, face, order.maker)
    row = spotting_row_of(clip.plan, face.subject, order.placement, media, found.events, generation, true_motions=true)
    return row, ()
