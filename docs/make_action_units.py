"""Writes `docs/action_units.md` and its pictures: `python -m docs.make_action_units`, a few minutes on one core.

Needs the `render` extra. Run it again whenever a unit's table changes; a test tells when the page is out of date.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from benchmarks.people import default_faces
from benchmarks.units import difference_with_interval
from docs.au_pictures import SHOWN, emotions_sheet, save, strip
from equime_builder.facs import AU_NAMES, AUS, LEVELS
from equime_generation.renderers.warp.programme import SMALLEST_JACOBIAN
from equime_generation.renderers.warp.reach import TABLE_INTEROCULAR_PX, level_px, reach_iod, smallest_jacobian_of
from equime_generation.renderers.warp.rig import Rig
from equime_generation.renderers.warp.units import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from equime_generation.faces import Face

DOCS: Final = Path(__file__).parent
PAGE: Final = DOCS / "action_units.md"
PICTURES: Final = DOCS / "action_units"
MEASURED: Final = PICTURES / "measured.csv"
EMOTIONS_PICTURE: Final = DOCS / "emotions_full.jpg"

MOVES: Final[dict[int, str]] = {
    1: (
        "The inner ends of the brows rise; the skin between brow and lashes is drawn up, the middle of the "
        "forehead is pushed together."
    ),
    2: "The outer halves of the brows rise into an arch; the skin over the outer lid is stretched.",
    4: "The brows sink and come together, most at their inner ends; a furrow deepens between them.",
    5: "The upper lids draw back and show more of the eyeball, which itself rests.",
    6: (
        "Cheeks and the skin under the eyes rise, the lower lids climb over the eyeball, the outer ends of "
        "the brows sink a little."
    ),
    7: "Both lids tighten; the lower one rises, the opening of the eye narrows.",
    9: ("The wings of the nose and the middle of the upper lip rise, the brows' inner ends sink; the bridge wrinkles."),
    10: ("The upper lip rises, most halfway to its corners; the upper nasolabial fold deepens, the nose stays."),
    12: "The corners of the mouth go up and out, the cheeks follow, the nasolabial fold deepens.",
    14: ("The corners of the mouth and the skin around them are drawn into a pit beside the corner; nothing rises."),
    15: "The corners of the mouth sink, the skin below them bulges.",
    17: "The chin's pad rises and pushes the lower lip up; the corners seem to sink.",
    20: "The corners of the mouth go straight out and a little down; the lips flatten.",
    23: "The red of the lips rolls in and grows narrow, the corners come together.",
    24: "The lips press on each other; their red rolls in, the skin above and below comes along.",
    25: "The lips part: the lower one sinks, the upper one rises a little, the dark of the mouth shows.",
    26: "The jaw falls: chin and lower lip sink together, the mouth opens.",
    43: ("The upper lids slide shut over a resting eyeball. It stands for blinks, which are no part of an expression."),
}

INTRODUCTION: Final = """# Action Units

<!-- made by `python -m docs.make_action_units` from unit tables {fingerprint}; do not edit -->

What the `warp` renderer does for each Action Unit (AU). Intensity 1 is the full range of the movement; a unit's field
grows in proportion to its intensity. Lengths are in interocular distances (IOD, iris centre to iris centre) or in
pixels at an IOD of {iod_px:.0f} px, which is about that of an aligned photo.

## Levels

FACS letters are ordinal; EquiME defines them as shares of the full range: {levels}. Largest displacement in pixels,
from the lower to the upper bound of each level, mean of the ten people:
"""

EQUITY: Final = """
AU5 and AU7 have little room to move and stay under a pixel at level A: plans draw these two at .18 or more,
AU6, AU23 and AU24 at .15 or more, the rest at .12 or more.

## Women and men

The same intensity moves everybody alike: a unit's largest displacement is fixed in the face's own measure. Lids, lips
and brows follow their height on the face, and that scales no face by over 5 % more than another. Difference of the
means, women over men, with a 95 % bootstrap interval over the ten people ({women} women, {men} men):
"""

FOUND_AGAIN: Final = """
AU43 is the height of the eye itself and no expression is planned with it; it is therefore not levelled.

## Found again in decoded clips
"""

UNIT_BY_UNIT: Final = """
## Unit by unit

Rows: {people}. Columns: at rest, {levels}, and the motion field at intensity 1 in true length. Level E is shown for
checking; micro-expressions are planned at .12 to .40. The smallest Jacobian is the least share of its area that any
skin keeps at intensity 1, over the ten people; what would press skin under {least:g} is scaled down, in the pictures
too. All five emotions at full intensity, for checking alone: [emotions_full.jpg](emotions_full.jpg). No clip is shipped
like that. Columns there: at rest, happiness (6+12), sadness (1+4+15), surprise (1+2+5+26), fear (1+2+4+5+20), anger
(4+5+7+23).
"""


def shown_of(faces: list[Face]) -> list[Face]:
    """Return of the women and of the men the one with the lightest and the one with the darkest skin."""
    chosen = []
    for gender in ("female", "male"):
        people = [face for face in faces if face.subject.demographics.gender == gender]
        people.sort(key=lambda face: face.subject.skin_ita or 0.0)
        chosen += [people[-1], people[0]]
    return chosen


def fingerprint() -> str:
    """Return a short hash of all tables that the page's figures follow from."""
    return hashlib.sha256(repr((sorted(UNITS.items(), key=lambda item: item[0]), LEVELS)).encode()).hexdigest()[:12]


def page(faces: list[Face], rigs: list[Rig]) -> str:
    """Return the whole page as Markdown."""
    reaches = {au: np.array([reach_iod(rig, au) for rig in rigs]) for au in AUS}
    women = np.array([face.subject.demographics.gender == "female" for face in faces])
    least = {au: min(smallest_jacobian_of(rig, au) for rig in rigs) for au in AUS}
    return "\n".join(
        [
            INTRODUCTION.format(
                fingerprint=fingerprint(),
                iod_px=TABLE_INTEROCULAR_PX,
                levels=", ".join(f"{level} {low:g}-{high:g}" for level, (low, high) in LEVELS.items()),
            ),
            *_level_table(reaches),
            EQUITY.format(women=women.sum(), men=(~women).sum()),
            *_equity_table(reaches, women),
            FOUND_AGAIN,
            *_measured_table(),
            UNIT_BY_UNIT.format(
                people="; ".join(_who(face) for face in shown_of(faces)),
                levels=", ".join(f"level {level} ({value:g})" for level, value in SHOWN.items()),
                least=SMALLEST_JACOBIAN,
            ),
            *(_section(au, reaches[au], least[au]) for au in AUS),
        ]
    )


def _who(face: Face) -> str:
    about = face.subject.demographics
    return f"{'woman' if about.gender == 'female' else 'man'}, Fitzpatrick {about.skin_tone} ({face.subject.id})"


def _level_table(reaches: dict[int, NDArray[np.float64]]) -> list[str]:
    lines = [f"| AU | name | IOD at 1 | {' | '.join(LEVELS)} |", "|---|---|---|" + "---|" * len(LEVELS)]
    for au, reach in reaches.items():
        cells = ("{:.1f}-{:.1f}".format(*level_px(float(reach.mean()), level)) for level in LEVELS)
        lines.append(f"| {au} | {AU_NAMES[au]} | {reach.mean():.3f} | {' | '.join(cells)} |")
    return lines


def _equity_table(reaches: dict[int, NDArray[np.float64]], women: NDArray[np.bool_]) -> list[str]:
    lines = ["| AU | women, IOD | men, IOD | difference | 95 % interval |", "|---|---|---|---|---|"]
    for au, reach in reaches.items():
        share, low, high = (f"{value * 100:+.1f} %" for value in difference_with_interval(reach, women))
        lines.append(f"| {au} | {reach[women].mean():.3f} | {reach[~women].mean():.3f} | {share} | {low} to {high} |")
    return lines


def _measured_table() -> list[str]:
    """Return the table that `python -m benchmarks.units` wrote."""
    if not MEASURED.is_file():
        return ["Not measured yet: `python -m benchmarks.units` writes the table, then make this page again."]
    with MEASURED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [
        "One clip a unit and level on a woman and a man, with sway and noise, encoded by the default profile, decoded",
        "and measured without knowledge of its timing (`python -m benchmarks.units`). Correlation and slope of the",
        "found against the planned displacement vectors; apex error in frames; - = no movement was found.",
        "",
        "| AU | level | largest motion, px | correlation | slope | apex error |",
        "|---|---|---|---|---|---|",
    ]
    for au, level in dict.fromkeys(
        (int(row["au"]), row["level"]) for row in sorted(rows, key=lambda row: int(row["au"]))
    ):
        same = [row for row in rows if int(row["au"]) == au and row["level"] == level]
        told = (
            ", ".join(f"{float(row[name]):.2f}" if row[name] else "-" for row in same)
            for name in ("motion_px", "correlation", "slope")
        )
        apex = ", ".join(row["apex_error"] or "-" for row in same)
        lines.append(f"| {au} | {level} | {' | '.join(told)} | {apex} |")
    return lines


def _section(au: int, reach: NDArray[np.float64], jacobian: float) -> str:
    name, mean = AU_NAMES[au], reach.mean()
    people = f"({reach.min():.3f} to {reach.max():.3f} over ten people)"
    figures = f"{mean:.3f} IOD {people}, {mean * TABLE_INTEROCULAR_PX:.1f} px. Smallest Jacobian: {jacobian:.2f}."
    picture = (
        f"![AU{au}, {name}: four people at rest, at three intensities, and the field](action_units/au{au:02d}.jpg)"
    )
    heading = f"### AU{au}, {name}"
    return f"{heading}\n\n{MOVES[au]}\n\nLargest displacement at intensity 1: {figures}\n\n{picture}\n"


def main() -> None:
    """Write the page and all pictures."""
    cv2.setNumThreads(1)
    faces = default_faces()
    rigs = [Rig(face) for face in faces]
    shown = [rigs[faces.index(face)] for face in shown_of(faces)]
    for au in AUS:
        save(PICTURES / f"au{au:02d}.jpg", strip(shown, au))
    save(EMOTIONS_PICTURE, emotions_sheet(shown))
    PAGE.write_text(page(faces, rigs), encoding="utf-8")


if __name__ == "__main__":
    main()
