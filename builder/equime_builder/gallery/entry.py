"""One clip of the page: pictures, curves, figures and words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from equime_builder.gallery.choice import Candidate, stem_of
from equime_builder.gallery.drawing import MARGIN_FRAMES, colour_of, curve_drawing
from equime_builder.gallery.markup import Markup, joined, tag
from equime_builder.gallery.pictures import GAIN, Moments, PictureKind, moments_of

CLIPS_FOLDER: Final = "clips"
FRAMES_FOLDER: Final = "frames"
NOT_MEASURED: Final = "not measured"
UNDECLARED: Final = "undeclared"

_SIDE_PX: Final = 256
_ALONE: Final = {"blink": "blink only", "head": "head motion only"}
Row = Mapping[str, Any]


def clip_path(clip_id: str) -> str:
    """Return where a clip's video stands, relative to the page."""
    return f"{CLIPS_FOLDER}/{stem_of(clip_id)}.mp4"


def picture_path(clip_id: str, kind: PictureKind) -> str:
    """Return where one of a clip's pictures stands, relative to the page."""
    return f"{FRAMES_FOLDER}/{stem_of(clip_id)}-{kind}.jpg"


def entry(clip: Candidate, row: Row) -> Markup:
    """Return a clip's entry; every text of the row is escaped, every address made from its id alone."""
    name = f"clip-{stem_of(clip.id)}"
    moments = moments_of(row)
    return tag(
        "article",
        _heading(clip, row, name),
        tag("div", _stage(clip, row), *_stills(clip, moments), class_="pictures"),
        _controls(moments),
        tag("p", row["caption"], class_="caption"),
        tag("div", curves_of(row, name), figures_of(row), class_="facts"),
        _about(row),
        class_="clip",
        id=name,
        tabindex="-1",
        aria_labelledby=f"{name}-name",
        data_clip=clip.id,
        data_emotion=clip.emotion,
        data_subject=clip.subject_id,
        data_gender=clip.gender,
        data_tone=clip.skin_tone,
        data_aus=" ".join(str(au) for au in _aus(row)),
        data_fps=row["fps"],
        data_frames=row["num_frames"],
        data_start=None if not moments.is_apex else max(0, row["onset_frame"] - MARGIN_FRAMES),
        data_stop=None if not moments.is_apex else min(row["num_frames"] - 1, row["offset_frame"] + MARGIN_FRAMES),
    )


def _aus(row: Row) -> list[int]:
    return list(dict.fromkeys(unit["au"] for unit in row["aus"]))


def _heading(clip: Candidate, row: Row, name: str) -> Markup:
    measured = row["measured"] is not None
    return tag(
        "header",
        tag("h3", tag("span", f"{clip.emotion}, ", class_="sr"), tag("span", clip.subject_id), id=f"{name}-name"),
        tag("span", clip.id, class_="id"),
        tag(
            "span",
            tag("span", clip.split, class_="flag"),
            tag("span", _ALONE[row["negative_kind"]], class_="flag") if row["negative_kind"] in _ALONE else "",
            tag("span", "measured" if measured else NOT_MEASURED, class_="flag found" if measured else "flag"),
            class_="flags",
        ),
    )


def _stage(clip: Candidate, row: Row) -> Markup:
    picture = _image(clip, "neutral", f"{clip.emotion}, person {clip.subject_id}: first picture of the video")
    link = tag("a", picture, tag("span", "Play", class_="cue"), href=clip_path(clip.id), class_="screen")
    length = f"clip, {row['num_frames']} frames, {row['duration_s']:.1f} s"
    return tag("figure", link, tag("figcaption", length))


def _controls(moments: Moments) -> Markup:
    return tag(
        "div",
        _button("play", "Play", "Space"),
        _button("loop", "Loop event", "E", pressed=False) if moments.is_apex else "",
        _button("slow", "Quarter speed", "S", pressed=False),
        _button("back", "Frame back", "left arrow"),
        _button("on", "Frame on", "right arrow"),
        tag("span", class_="clock"),
        class_="controls",
        hidden=True,
    )


def _button(action: str, label: str, key: str, *, pressed: bool | None = None) -> Markup:
    state = None if pressed is None else str(pressed).lower()
    return tag("button", label, type="button", data_do=action, title=f"{label} ({key})", aria_pressed=state)


def _stills(clip: Candidate, moments: Moments) -> list[Markup]:
    who = f"{clip.emotion}, person {clip.subject_id}"
    name = moments.later_name
    change = f"{name} minus neutral, x{GAIN}"
    pictures: tuple[tuple[PictureKind, str, str], ...] = (
        ("neutral", f"neutral, frame {moments.neutral}", f"{who}: at rest in frame {moments.neutral}"),
        ("later", f"{name}, frame {moments.later}", f"{who}: {name} in frame {moments.later}"),
        ("change", change, f"{who}: {change}; grey where nothing changed"),
    )
    return [tag("figure", _image(clip, kind, alt), tag("figcaption", words)) for kind, words, alt in pictures]


def _image(clip: Candidate, kind: PictureKind, alt: str) -> Markup:
    source = picture_path(clip.id, kind)
    return tag("img", src=source, alt=alt, width=_SIDE_PX, height=_SIDE_PX, loading="lazy", decoding="async")


def curves_of(row: Row, name: str) -> Markup:
    """Return the planned curves with what was measured below them, and the units in words.

    Args:
        name: Unique in the page.
    """
    chips = [_chip(row, au) for au in _aus(row)]
    legend = tag("ul", *chips, class_="chips") if chips else ""
    return tag("figure", curve_drawing(row, name=name), legend, class_="curves")


def _chip(row: Row, au: int) -> Markup:
    units = [unit for unit in row["aus"] if unit["au"] == au]
    sides = " · ".join(f"{unit['side']} {unit['level']} {unit['intensity']:.2f}" for unit in units)
    swatch = tag("span", class_=f"swatch c{colour_of(row['aus'], au)}", aria_hidden="true")
    return tag("li", swatch, tag("b", f"AU{au}"), " ", units[0]["name"], " ", tag("span", sides, class_="sides"))


def figures_of(row: Row) -> Markup:
    """Return the table of what was planned and what was measured, side by side."""
    found = row["measured"]
    absent = "none found" if found is not None and found["peaks"] == 0 else NOT_MEASURED
    fit = "not applicable" if found is not None and not row["aus"] else absent
    rows = (
        _figure("onset frame", row["onset_frame"], _value(found, "onset_frame", "d", absent)),
        _figure("apex frame", row["apex_frame"], _value(found, "apex_frame", "d", absent)),
        _figure("offset frame", row["offset_frame"], _value(found, "offset_frame", "d", absent)),
        _figure("movements", int(row["apex_frame"] is not None), _value(found, "peaks", "d", absent)),
        _figure("largest motion, px", _true(row, "motion_px", ".2f"), _value(found, "motion_px", ".2f", absent)),
        _figure(
            "largest motion, of eye distance",
            _true(row, "motion_iod", ".2%"),
            _value(found, "motion_iod", ".2%", absent),
        ),
        _figure("correlation with plan", "", _value(found, "correlation", ".3f", fit)),
        _figure("slope on plan", "", _value(found, "slope", ".2f", fit)),
        _figure("motion outside plan, px", "", _value(found, "outside_px", ".2f", NOT_MEASURED)),
    )
    head = tag("tr", *(tag("th", name, scope="col") for name in ("Figure", "Planned", "Measured")))
    tool = "" if found is None else tag("caption", f"measured by {found['measured_by']}")
    return tag("table", tool, tag("thead", head), tag("tbody", *rows), class_="figures")


def _true(row: Row, key: str, form: str) -> str:
    """Return what the renderer says of the motion that it made; nothing where it does not know."""
    known = row.get("true_motion")
    return "" if known is None else format(known[key], form)


def _figure(name: str, planned: object, found: Markup) -> Markup:
    plan = "none" if planned is None else str(planned)
    return tag("tr", tag("th", name, scope="row"), tag("td", plan), found)


def _value(found: Row | None, key: str, form: str, absent: str) -> Markup:
    if found is None or found[key] is None:
        return tag("td", absent, class_="missing")
    return tag("td", format(found[key], form))


def _about(row: Row) -> Markup:
    pairs = (("Prompt", row["prompt"]), ("Negative prompt", row["negative_prompt"]), *_person(row), *_making(row))
    terms = (joined(tag("dt", name), tag("dd", text)) for name, text in pairs)
    details = tag("details", tag("summary", "Prompt, person and file"), tag("dl", *terms))
    return tag("footer", tag("p", _in_short(row)), details, class_="about")


def _in_short(row: Row) -> str:
    tone = f"Fitzpatrick {row['skin_tone']}" if row["skin_tone"] else None
    words = [word for word in (row["gender"], _age(row), row["ethnicity"], tone) if word]
    return f"{', '.join(words)} (as declared)" if words else "demographics undeclared"


def _age(row: Row) -> str | None:
    return row["age_group"] if row["age"] is None else f"{row['age']:g}"


def _person(row: Row) -> tuple[tuple[str, str], ...]:
    angle = NOT_MEASURED if row["skin_ita"] is None else f"{row['skin_ita']:.1f} degrees, measured on the photo"
    return (
        ("Gender", row["gender"] or UNDECLARED),
        ("Age", _age(row) or UNDECLARED),
        ("Ethnicity", row["ethnicity"] or UNDECLARED),
        ("Skin tone", f"Fitzpatrick {row['skin_tone']}" if row["skin_tone"] else UNDECLARED),
        ("Skin angle (ITA)", angle),
        ("Declared by", row["demographics_source"]),
    )


def _making(row: Row) -> tuple[tuple[str, str], ...]:
    size = f"{row['size_bytes'] / 1000:.0f} kB, {row['codec']}, profile {row['encoder_profile']}"
    return (
        ("Photo", f"{row['source']}, licence {row['source_license']}"),
        ("Made by", f"{row['renderer']}, {row['generated_with']}"),
        ("File", size),
    )
