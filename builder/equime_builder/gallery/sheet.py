"""A contact sheet: one picture that shows people of each emotion at rest, at the apex, and what moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError, UsageError, choose
from equime_builder.facs import EMOTION_LABELS
from equime_builder.folder import shard_paths
from equime_builder.gallery.choice import Candidate, candidates, choose_clips, rows_of
from equime_builder.gallery.pictures import GAIN, Stills, stills_of
from equime_builder.publish import publish

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image, ImageDraw

_PICTURES: Final = 3
_GAP_PX: Final = 3
_SPACE_PX: Final = 20
_LABEL_PX: Final = 24
_NAME_PX: Final = 96
_PAPER, _INK, _GREY = "#ffffff", "#1c1b1a", "#6b6862"
_FORMATS: Final = {".jpg": "JPEG", ".png": "PNG"}
_JPEG_QUALITY: Final = 80
# The face in an aligned frame, as shares of its edge: hair and shoulders would take room from what moves.
_LEFT, _TOP, _SHARE = 0.14, 0.2, 0.72


def write_contact_sheet(
    root: Path,
    path: Path,
    *,
    columns: int = 3,
    picture_px: int = 152,
    emotions: Sequence[str] | None = None,
) -> Path:
    """Write one picture of a dataset: a row for each emotion, several people in it, three pictures of each.

    Args:
        root: The dataset folder; its shards stand under ``data/``.
        path: Where to write, with the suffix .jpg or .png.
        columns: People in a row, chosen as for the gallery.
        picture_px: Edge of each picture.
        emotions: Rows wanted, in this order; ``None`` = all that the dataset holds.

    Raises:
        UsageError: ``columns`` or ``picture_px`` is too small, or the suffix or an emotion is unknown.
        DatasetError: There is no clip to show, or a shard cannot be read.
        MediaError: A clip cannot be decoded.
        OutputError: The place cannot be written.
    """
    form = _FORMATS[choose("suffix of a contact sheet", path.suffix, tuple(_FORMATS))]
    if columns < 1 or picture_px < 32:
        raise UsageError(f"a contact sheet needs 1 column and 32 px or more, got {columns} and {picture_px}")
    wanted = [choose("emotion", name, EMOTION_LABELS) for name in emotions or EMOTION_LABELS]
    clips = (clip for clip in candidates(root, shard_paths(root)) if clip.emotion in wanted)
    chosen = choose_clips(clips, per_emotion=columns)
    if not chosen:
        raise DatasetError(f"{root}: no clip of {', '.join(wanted)}; name emotions that the dataset holds")
    stills = {clip.id: (stills_of(row), _about(clip, row)) for clip, row in rows_of(root, chosen)}
    shown = [name for name in wanted if any(clip.emotion == name for clip in chosen)]
    sheet = _blank(len(shown), columns, picture_px)
    for number, emotion in enumerate(shown):
        cells = [stills[clip.id] for clip in chosen if clip.emotion == emotion]
        _draw_row(sheet, number, emotion, cells, picture_px)
    return publish(path, lambda partial: sheet.save(partial, form, quality=_JPEG_QUALITY))


def _about(clip: Candidate, row: Mapping[str, Any]) -> str:
    aus = dict.fromkeys(unit["au"] for unit in row["aus"])
    units = ", ".join(_unit([unit for unit in row["aus"] if unit["au"] == au]) for au in aus) or "no AU"
    tone = f"Fitzpatrick {clip.skin_tone}" if clip.skin_tone else None
    return " · ".join(word for word in (clip.subject_id, clip.gender, tone, units) if word)


def _unit(sides: Sequence[Mapping[str, Any]]) -> str:
    strongest = max(sides, key=lambda unit: unit["intensity"])
    words = f"AU{strongest['au']} {strongest['level']}"
    return f"{words} {strongest['side']}" if len(sides) == 1 else words


def _cell_px(picture_px: int) -> tuple[int, int]:
    return _PICTURES * picture_px + (_PICTURES - 1) * _GAP_PX + _SPACE_PX, picture_px + _LABEL_PX


def _blank(rows: int, columns: int, picture_px: int) -> Image.Image:
    from PIL import Image

    width, height = _cell_px(picture_px)
    return Image.new("RGB", (_NAME_PX + columns * width, rows * height + _SPACE_PX // 2), _PAPER)


def _draw_row(
    sheet: Image.Image, number: int, emotion: str, cells: Sequence[tuple[Stills, str]], picture_px: int
) -> None:
    from PIL import ImageDraw

    width, height = _cell_px(picture_px)
    draw = ImageDraw.Draw(sheet)
    top = _SPACE_PX // 2 + number * height
    _write(draw, (10, top + picture_px // 2 - 9), emotion, _INK, 16, _NAME_PX - 14)
    for column, (stills, about) in enumerate(cells):
        left = _NAME_PX + column * width
        for place, pixels in enumerate(stills.named.values()):
            sheet.paste(_small(pixels, picture_px), (left + place * (picture_px + _GAP_PX), top))
        captions = ("neutral", stills.moments.later_name, f"x{GAIN}")
        for place, caption in enumerate(captions):
            _tag(draw, (left + place * (picture_px + _GAP_PX), top), caption)
        _write(draw, (left, top + picture_px + 3), about, _GREY, 12, width - _SPACE_PX)


def _small(pixels: NDArray[np.uint8], edge_px: int) -> Image.Image:
    from PIL import Image

    height, width = pixels.shape[:2]
    box = (_LEFT * width, _TOP * height, (_LEFT + _SHARE) * width, (_TOP + _SHARE) * height)
    return Image.fromarray(pixels).convert("RGB").resize((edge_px, edge_px), Image.Resampling.LANCZOS, box=box)


def _tag(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(size=11)
    wide = round(draw.textlength(text, font=font))
    draw.rectangle((*corner, corner[0] + wide + 7, corner[1] + 15), fill=_PAPER)
    draw.text((corner[0] + 3, corner[1] + 1), text, font=font, fill=_INK)


def _write(draw: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, colour: str, size: int, room_px: int) -> None:
    """Write one line, cut where the room ends; the built-in font knows Western letters only."""
    from PIL import ImageFont

    font = ImageFont.load_default(size=size)
    while text and draw.textlength(text, font=font) > room_px:
        text = text[:-1]
    draw.text(corner, text, font=font, fill=colour)
