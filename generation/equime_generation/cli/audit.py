"""`equime audit`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from equime_evaluation.equity.outcomes import HEADLINE_ATTRIBUTES, HEADLINES, is_presence
from equime_generation.cli import options
from equime_generation.cli.terminal import file_screen, print_json, print_table, say

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from equime_evaluation.equity import Audit
    from equime_evaluation.equity.association import Association
    from equime_evaluation.equity.estimator import KnownMotion
    from equime_evaluation.equity.gaps import Gap
    from equime_evaluation.equity.means import Means
    from equime_evaluation.equity.representation import Share

Resamples = Annotated[int, typer.Option(min=100, max=100_000, help="Draws of people for each interval.")]
Estimator = Annotated[
    bool,
    typer.Option(
        "--estimator",
        help="Hold the motion estimator against known motion of the same faces as well; about 7 CPU-seconds a person.",
    ),
]
Row = tuple[str, ...]


def audit(
    dataset: options.Dataset, resamples: Resamples = 2000, estimator: Estimator = False, json: options.Json = False
) -> None:
    """Say with numbers whom a dataset shows, what goes with whom, and what differs where only the person does."""
    from equime_evaluation.equity import Repeats
    from equime_evaluation.equity import audit as audit_folder
    from equime_evaluation.equity.page import write_page

    known = _known_motions(dataset) if estimator else ()
    found = audit_folder(dataset, Repeats(resamples=resamples), known=known)
    page = write_page(dataset, found)
    if json:
        print_json({"dataset": str(dataset), "page": str(page), **found.as_json()})
        return
    _show(found)
    say(f"all figures, with plots: {page}")


def _known_motions(dataset: Path) -> list[KnownMotion]:
    from equime_builder.errors import need
    from equime_evaluation.equity.estimator import known_motions
    from equime_evaluation.equity.faces import face_of, sittings
    from equime_generation.encode import encode

    need("cv2", extra="render")
    known: list[KnownMotion] = []
    people = sittings(dataset)
    with file_screen() as progress:
        for done, sitting in enumerate(people):
            progress(done, len(people), sitting.subject_id)

            def encoded(frames: NDArray[np.uint8], profile: str = sitting.encoder_profile) -> bytes:
                return encode(frames, profile=profile).data

            face = face_of(dataset, sitting)
            known += known_motions(sitting.subject_id, face, interocular_px=sitting.interocular_px, encode=encoded)
    return known


def _show(found: Audit) -> None:
    _show_people(found)
    families = (("planned clips", found.planned), ("accepted clips", found.accepted), ("what came of it", found.found))
    for name, family in families:
        title = f"Association with demographics, {name}: strength (corrected p); strength is Cramer's V or eta squared"
        _print(title, ("", *dict.fromkeys(item.attribute for item in family)), _association_rows(family))
    _print("Means by group (difference: largest less smallest)", ("", "means", "difference"), _mean_rows(found.means))
    apart = ("", "people", "pairs", "difference", "of the mean", "95 % of resamples")
    _print("Same programme, any two people: mean absolute difference", apart, _counterfactual_rows(found))
    columns = ("", "people", "sets", "difference", "of the mean", "95 % of resamples")
    _print("Same programme, different people: first group less second", columns, _gap_rows(found.gaps))
    for line in (*found.empty, *found.limits):
        say(f"- {line}")


def _show_people(found: Audit) -> None:
    say(f"{found.people} people, {found.clips_planned} planned clips, {found.clips_accepted} accepted")
    say("")
    # what somebody declared in whole sentences needs the width of the page
    shown = [share for share in found.representation if share.attribute != "ethnicity as declared"]
    columns = ("", "people", "planned", "accepted", *(shown[0].emotions if shown else ()))
    _print("People and clips by group", columns, _share_rows(shown))


def _print(title: str, columns: Row, rows: Iterable[Row]) -> None:
    listed = list(rows)
    if listed:
        print_table(title, columns, listed)
        say("")


def _share_rows(shares: Iterable[Share]) -> Iterator[Row]:
    for share in shares:
        counts = (share.people, share.planned, share.accepted, *share.emotions.values())
        yield (f"{share.attribute}: {share.group}", *map(str, counts))


def _association_rows(family: Iterable[Association]) -> Iterator[Row]:
    rows: dict[str, list[Association]] = {}
    for item in family:
        rows.setdefault(item.outcome, []).append(item)
    units = {outcome: rows.pop(outcome) for outcome in list(rows) if is_presence(outcome)}
    for outcome, items in rows.items():
        yield outcome, *map(_association_cell, items)
    if units:
        # a line for each unit would fill the screen; the page has them all
        yield (
            f"strongest of {len(units)} AUs",
            *(_association_cell(_strongest(own)) for own in zip(*units.values(), strict=True)),
        )


def _strongest(items: Iterable[Association]) -> Association:
    return max(items, key=lambda item: (item.is_found, item.strengths[0].value or 0.0))


def _association_cell(item: Association) -> str:
    value = item.strengths[0].value
    if value is None:
        return "-"
    tested = "no test" if item.p_holm is None else f"p {item.p_holm:.2f}"
    return f"{value:.3f} ({tested})" + (" *" if item.is_found else "")


def _mean_rows(means: Iterable[Means]) -> Iterator[Row]:
    for item in means:
        if item.attribute in HEADLINE_ATTRIBUTES and item.outcome in HEADLINES:
            groups = ", ".join(f"{group.group} {group.mean:.4g}" for group in item.groups)
            yield f"{item.outcome}, {item.attribute}", groups, f"{item.difference:.3g}"


def _counterfactual_rows(found: Audit) -> Iterator[Row]:
    for gap in found.counterfactual:
        if gap.outcome in HEADLINES:
            inside = "-" if gap.low is None else f"{gap.low:.4f} to {gap.high:.4f}"
            share = "-" if gap.percent is None else f"{gap.percent:.1f} %"
            yield gap.outcome, str(gap.people), str(gap.pairs), f"{gap.difference:.4f}", share, inside


def _gap_rows(gaps: Iterable[Gap]) -> Iterator[Row]:
    for gap in gaps:
        if gap.attribute in HEADLINE_ATTRIBUTES and gap.outcome in HEADLINES:
            inside = "-" if gap.low is None else f"{gap.low:+.4f} to {gap.high:+.4f}"
            share = "-" if gap.percent is None else f"{gap.percent:+.1f} %"
            people = f"{gap.people[0]}, {gap.people[1]}"
            name = f"{gap.outcome}: {gap.first} less {gap.second}"
            yield name, people, str(gap.sets), f"{gap.difference:+.4f}", share, inside
