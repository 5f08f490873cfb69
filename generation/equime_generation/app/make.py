"""The tab Make: a face, an emotion or its Action Units, and a clip to take away."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import gradio as gr
from gradio.context import Context

from equime_builder.errors import EquimeError, PhotoError, UsageError
from equime_builder.facs import EMOTIONS
from equime_builder.gallery.markup import Markup, tag
from equime_builder.records import FPS
from equime_generation.app.people import OWN, TELL_CHOICE, choice_of_people
from equime_generation.app.pictures import picture
from equime_generation.app.player import bring_into_view
from equime_generation.app.result import result_of
from equime_generation.app.sliders import (
    FIRST_EMOTION,
    KEYS,
    Sliders,
    strength_slider,
    timing_sliders,
    unit_sliders,
    values_of,
    wish_of,
)
from equime_generation.app.visitors import Visitors
from equime_generation.app.wishes import (
    STRONGEST,
    Wish,
    drawn_strengths,
    drawn_timing,
    plan_of,
    scaled,
    usual_strengths,
)
from equime_generation.app.workbench import Workbench

if TYPE_CHECKING:
    from equime_generation.faces import Face

CONSENT: Final = "The person on the photo agreed that synthetic expressions are made of it."
PROMISE: Final = (
    "The photo stays on this machine: the uploaded file is deleted as soon as it is read, and what was made of it is "
    "forgotten when this page closes."
)
PHOTO_RULE: Final = "One face, from the front, at rest, lips closed, without glasses."
_TO_COME: Final = "The clip appears here, with the buttons that save it. Making one takes a few seconds."
_AT_REST: Final = "The face at rest"
_PAGE: Final = {"api_visibility": "private", "show_progress": "hidden"}


class Maker:
    """What the tab's events do."""

    def __init__(self) -> None:
        self.bench = Workbench()
        self.visitors = Visitors()
        self.first = next(iter(self.bench.people))
        self._draws = itertools.count()

    def _face(self, who: str, request: gr.Request) -> Face:
        if who != OWN:
            return self.bench.person(who)
        face = self.visitors.face_of(request.session_hash)
        if face is None:
            raise PhotoError("your photo is no longer here; choose it again")
        return face

    def preview(self, request: gr.Request, who: str, emotion: str, *values: float) -> tuple[Markup, Markup]:
        """Return the apex as a picture, and one line about the event or about what cannot be."""
        try:
            face = self._face(who, request)
            wish = wish_of(emotion, values)
        except (PhotoError, UsageError) as error:
            return tag("p", "No picture.", class_="note"), _complaint(str(error))
        apex = self.bench.apex(face, plan_of(wish, face.subject.id))
        words = f"The face at the apex of {wish.emotion}" if wish.strengths else _AT_REST
        return picture(apex, words), _about(wish)

    def choose(self, event: gr.EventData) -> str:
        """Return who was chosen."""
        who = str(event.who)
        return who if who in self.bench.people or who == OWN else self.first

    def take_photo(
        self, request: gr.Request, agreed: bool, upload: str | None, who: str
    ) -> tuple[None, Any, str, Markup]:
        """Read an uploaded photo and delete its file.

        Returns:
            The emptied upload, the faces to choose from, who is shown, and what became of the photo.
        """
        try:
            data = _read_and_delete(upload)
            if not agreed:
                raise PhotoError("tick the box first: nobody's photo is used without their consent")
            face = self.bench.face_of(data)
        except PhotoError as error:
            return None, gr.skip(), who, _complaint(str(error))
        self.visitors.keep(request.session_hash, face)
        line = tag("p", "The photo passes: one sharp, frontal, neutral face.", class_="verdict kept")
        return None, choice_of_people(self.bench.people.values(), OWN, face), OWN, line

    def forget(self, request: gr.Request) -> None:
        """Forget the visitor whose page closed."""
        self.visitors.forget(request.session_hash)

    def draw(self, emotion: str) -> list[Any]:
        """Return sliders as the causal model draws them for an emotion."""
        number = next(self._draws)
        timing = drawn_timing(emotion, number)
        release = timing.offset_frame - timing.apex_frame
        values = values_of(drawn_strengths(emotion, number))
        return [timing.onset_frame, timing.apex_frame - timing.onset_frame, release, *values]

    def render(
        self,
        request: gr.Request,
        who: str,
        emotion: str,
        *values: float,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Markup:
        """Return the finished clip with all about it, or why there is none."""
        try:
            face = self._face(who, request)
            plan = plan_of(wish_of(emotion, values), face.subject.id)
            return result_of(self.bench.make(face, plan, lambda share, what: progress(share, desc=what)))
        except EquimeError as error:
            return _complaint(str(error))


def build(folder: Path | None) -> None:
    """Fill the tab."""
    maker = Maker()
    who = gr.State(maker.first)
    with gr.Row():
        with gr.Column(scale=3, min_width=320):
            people, agreed, upload, photo_line = _faces(maker)
            emotion = gr.Radio(list(EMOTIONS), value=FIRST_EMOTION, label="Emotion")
            strength = strength_slider()
            with gr.Accordion("Action Units, one by one", open=False):
                units = unit_sliders()
            with gr.Accordion("Timing", open=False):
                onset, rise, release = timing_sliders()
            drawn = gr.Button("Draw movements and timing at random, as for a dataset", size="sm")
        with gr.Column(scale=2, min_width=320, elem_classes="stage"):
            apex = gr.HTML(apply_default_css=False, elem_classes="apex", min_height=300)
            line = gr.HTML(apply_default_css=False)
            render = gr.Button("Make the clip", variant="primary")
    result = gr.HTML(tag("p", _TO_COME, class_="note"), apply_default_css=False, elem_classes="made")
    sliders = Sliders(onset=onset, rise=rise, release=release, units=units)
    asked = [who, emotion, *sliders.all]
    shown = {"fn": maker.preview, "inputs": asked, "outputs": [apex, line], "trigger_mode": "always_last", **_PAGE}
    people.select(maker.choose, None, who, **_PAGE).then(**shown)
    upload.upload(
        maker.take_photo, [agreed, upload, who], [upload, people, who, photo_line], api_visibility="private"
    ).then(**shown)
    emotion.input(_usual, [emotion, strength], list(units), **_PAGE).then(**shown)
    strength.input(_scaled, [strength, *units], list(units), trigger_mode="always_last", **_PAGE).then(**shown)
    gr.on([slider.input for slider in sliders.all], **shown)
    drawn.click(maker.draw, emotion, sliders.all, **_PAGE).then(**shown)
    shows_result = bring_into_view(".made")
    render.click(None, js=shows_result)
    render.click(maker.render, asked, result, api_visibility="private").then(None, js=shows_result)
    page = Context.root_block
    page.load(**shown)
    page.unload(maker.forget)


def _faces(maker: Maker) -> tuple[Any, Any, Any, Any]:
    """Return the choice of faces, and beside it consent, photo and what became of it."""
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            people = gr.HTML(
                choice_of_people(maker.bench.people.values(), maker.first),
                js_on_load=TELL_CHOICE,
                apply_default_css=False,
            )
        with gr.Column(scale=2, min_width=240, elem_classes="own"):
            gr.HTML(tag("p", "Or a photo of your own", class_="legend"), apply_default_css=False, padding=False)
            agreed = gr.Checkbox(label=CONSENT)
            upload = gr.File(label="Photo", height=120)
            photo_line = gr.HTML(
                tag("p", f"{PHOTO_RULE} {PROMISE}", class_="note"), apply_default_css=False, elem_classes="photo-line"
            )
    return people, agreed, upload, photo_line


def _usual(emotion: str, strength: float) -> list[float]:
    return values_of(usual_strengths(emotion, strength))


def _scaled(strength: float, *values: float) -> list[float]:
    return values_of(scaled(dict(zip(KEYS, values, strict=True)), min(strength, STRONGEST)))


def _about(wish: Wish) -> Markup:
    timing = wish.timing
    if not wish.strengths:
        return tag("p", "A neutral clip: the head sways a little, and no muscle moves.", class_="note")
    frames = timing.offset_frame - timing.onset_frame
    words = (
        f"The face at the apex, frame {timing.apex_frame}, where it moves most. The movement begins at frame "
        f"{timing.onset_frame} and is over at {timing.offset_frame}: {frames} frames, {1000 * frames / FPS:.0f} ms."
    )
    return tag("p", words, class_="note")


def _complaint(words: str) -> Markup:
    return tag("p", words[:1].upper() + words[1:], class_="verdict dropped", role="alert")


def _read_and_delete(upload: str | None) -> bytes:
    """Return an uploaded file's bytes; the file, which Gradio put into a folder of its own, is gone then."""
    if upload is None:
        raise PhotoError("choose a photo")
    path = Path(upload)
    try:
        return path.read_bytes()
    finally:
        shutil.rmtree(path.parent)
