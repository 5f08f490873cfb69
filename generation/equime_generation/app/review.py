"""The tab Review: a sample of clips, one after the other, and what a person says of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gradio as gr

from equime_builder.errors import EquimeError
from equime_builder.facs import AU_NAMES, EMOTION_LABELS, SLOTS
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.records import FRAMES
from equime_evaluation.reviews import Candidate
from equime_evaluation.reviews.case import Case, Plan, open_case
from equime_evaluation.reviews.review import MOST_NOTE_CHARACTERS
from equime_generation.app.player import player
from equime_generation.app.sitting import Seen, Sitting

if TYPE_CHECKING:
    from collections.abc import Callable

    from equime_evaluation.reviews import Decision

SCRIPT: Final = Path(__file__).with_name("review.js")
DEFAULT_SAMPLE: Final = 60
NOT_SAID: Final = ""
_UNITS: Final = [(f"AU{au} {side}, {AU_NAMES[au]}", slot) for slot, (au, side) in enumerate(SLOTS)]
_KEYS: Final = "A accept, R reject, C correct, U undo, S slow, N normal, comma and full stop single frames"
_QUIET: Final = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a reviewer is.

    Attributes:
        clip: In front of them; ``None`` = the sample is done.
    """

    sitting: Sitting
    clip: Candidate | None

    @classmethod
    def of(cls, sitting: Sitting) -> Desk:
        """Put the next clip in front of a reviewer."""
        return cls(sitting=sitting, clip=next(iter(sitting.waiting), None))


def build(folder: Path) -> None:
    """Fill the tab."""
    desk = gr.State(None)
    gr.Markdown(
        "Say of each clip whether it belongs into the dataset. What you say goes into `reviews.parquet` of the open "
        "folder at once, under your pseudonym, and is never pushed."
    )
    with gr.Accordion("Your sample", open=True) as setting:
        with gr.Row():
            reviewer = gr.Textbox(label="Pseudonym (a word such as heron-7, no name)", max_lines=1)
            count = gr.Number(DEFAULT_SAMPLE, label="Clips in the sample", precision=0, minimum=1)
            seed = gr.Number(0, label="Seed: the same number draws the same clips", precision=0)
        with gr.Row():
            blind = gr.Checkbox(True, label="Blind: hide plan, emotion, prompt and person")
            gr.Checkbox(True, label=f"Keys: {_KEYS}", elem_id="review-keys")
            begin = gr.Button("Begin", variant="primary", elem_id="review-begin")
    state = gr.HTML(elem_id="review-state", js_on_load=SCRIPT.read_text(encoding="utf-8"), apply_default_css=False)
    with gr.Row(visible=False) as table:
        with gr.Column():
            shown = gr.HTML(elem_id="review-clip", apply_default_css=False)
        with gr.Column():
            plan = gr.HTML(apply_default_css=False)
            fields = _fields()
            with gr.Row():
                accept = gr.Button("Accept", elem_id="review-accept")
                correct = gr.Button("Accept, corrected", elem_id="review-correct")
                reject = gr.Button("Reject", elem_id="review-reject")
            trouble = gr.HTML(apply_default_css=False)
            undo = gr.Button("Undo the last one", elem_id="review-undo")
    outputs = [desk, state, trouble, setting, table, shown, plan, correct, *fields]

    def begun(before: Desk | None, who: str, clips: float, drawn: float, hidden: bool) -> list[Any]:
        words = {"count": int(clips or 0), "seed": int(drawn or 0)}
        return _answer(before, lambda: Sitting.begin(folder, who.strip(), blind=hidden, **words))

    begin.click(begun, [desk, reviewer, count, seed, blind], outputs, **_QUIET)
    decisions: dict[gr.Button, Decision] = {accept: "accept", correct: "correct", reject: "reject"}
    for button, decision in decisions.items():
        button.click(_saying(decision), [desk, *fields], outputs, **_QUIET)
    undo.click(_undone, [desk], outputs, **_QUIET)


def _fields() -> list[Any]:
    """Return the fields that say what is shown, in the order that `_saying` takes."""
    emotions = [("not said", NOT_SAID), *((name, name) for name in EMOTION_LABELS)]
    with gr.Accordion("What do you see? (may stay empty)", open=True):
        with gr.Row():
            chosen = [
                gr.Dropdown(emotions, value=NOT_SAID, label="Emotion"),
                gr.Dropdown(_UNITS, value=[], multiselect=True, label="Action Units that move"),
                gr.Checkbox(False, label="Nothing moves"),
            ]
        with gr.Row():
            chosen += [
                gr.Number(None, label=f"{name} (frame)", precision=0, minimum=0, maximum=FRAMES - 1)
                for name in ("Onset", "Apex", "Offset")
            ]
        chosen.append(gr.Textbox("", label="Note", lines=1, max_length=MOST_NOTE_CHARACTERS))
    return chosen


def _saying(decision: Decision) -> Callable[..., list[Any]]:
    def say(
        desk: Desk | None,
        emotion: str,
        units: list[int],
        nothing: bool,
        onset: float | None,
        apex: float | None,
        offset: float | None,
        note: str,
    ) -> list[Any]:
        if desk is None or desk.clip is None:
            return _unchanged(desk, "no clip is in front of you; begin a sample first")
        seen = Seen(emotion=emotion or None, units=units, nothing=nothing, frames=(onset, apex, offset))
        sitting, clip = desk.sitting, desk.clip

        def said() -> Sitting:
            sitting.say(clip, decision, seen, note)
            return sitting

        return _answer(desk, said)

    return say


def _undone(desk: Desk | None) -> list[Any]:
    if desk is None:
        return _unchanged(desk, "begin a sample first")
    sitting = desk.sitting

    def undone() -> Sitting:
        sitting.take_back()
        return sitting

    return _answer(desk, undone)


def _answer(before: Desk | None, act: Callable[[], Sitting]) -> list[Any]:
    """Return what the page shows after an act, or what was wrong with it."""
    try:
        desk = Desk.of(act())
        case = None if desk.clip is None else open_case(desk.sitting.root, desk.clip, blind=desk.sitting.blind)
    except EquimeError as error:
        return _unchanged(before, str(error))
    told = _progress(desk)
    if case is None:
        return [desk, told, Markup(), gr.skip(), gr.skip(), Markup(), Markup(), gr.skip(), *_empty_fields()]
    setting, table = gr.Accordion(open=False), gr.Row(visible=True)
    correct = gr.Button(visible=not desk.sitting.blind)
    return [desk, told, Markup(), setting, table, _clip(case), _plan(case.plan), correct, *_empty_fields()]


def _unchanged(desk: Desk | None, complaint: str) -> list[Any]:
    told = tag("p", complaint, class_="dropped", role="alert")
    beside_the_buttons = tag("p", complaint, class_="dropped", aria_hidden="true")
    return [desk, told, beside_the_buttons, *(gr.skip() for _ in range(5 + len(_empty_fields())))]


def _empty_fields() -> list[Any]:
    return [NOT_SAID, [], False, None, None, None, ""]


def _progress(desk: Desk) -> Markup:
    total, left = len(desk.sitting.clips), len(desk.sitting.waiting)
    words = f"{total - left} of {total} clips reviewed by {desk.sitting.reviewer}"
    if desk.clip is None:
        words += "; the sample is done, thank you"
    bar = tag("progress", value=total - left, max=total, aria_label="Clips reviewed")
    return tag("div", tag("p", words, role="status"), bar)


def _clip(case: Case) -> Markup:
    apex = case.plan.frames[1] if case.plan and case.plan.frames else None
    shown = player(case.video, "The clip to review", {"fps": case.fps, "apex_frame": apex})
    return joined(shown, tag("p", "Frame ", tag("output", "0", aria_live="off"), f" of {FRAMES - 1}", class_="note"))


def _plan(plan: Plan | None) -> Markup:
    if plan is None:
        return tag("p", "What was planned is hidden.", class_="note")
    moments = "none" if plan.frames is None else "onset {}, apex {}, offset {}".format(*plan.frames)
    lines = {
        "Emotion": plan.emotion,
        "Action Units": ", ".join(plan.units) or "none",
        "Frames": moments,
        "Person": ", ".join(plan.person) or "undeclared",
        "Caption": plan.caption,
        "Prompt": plan.prompt,
    }
    rows = (tag("tr", tag("th", name, scope="row"), tag("td", words)) for name, words in lines.items())
    return tag("table", tag("caption", "Planned"), tag("tbody", *rows), class_="planned")
