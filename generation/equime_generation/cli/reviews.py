"""`equime reviews`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from equime_builder.errors import OutputError, UsageError
from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, print_json, print_table, say

if TYPE_CHECKING:
    from equime_evaluation.reviews import Agreement, Candidate
    from equime_evaluation.reviews.agreement import Line

Sample = Annotated[
    int, typer.Option(min=0, help="List so many clips to review, spread over emotions and groups, and nothing else.")
]
Seed = Annotated[int, typer.Option(help="Another whole number draws another sample.")]
Reviewer = Annotated[str, typer.Option(help="Pseudonym whose own order the listed clips stand in.")]
DropRejected = Annotated[
    bool, typer.Option("--drop-rejected", help="Take the clips out that more than half of their reviewers rejected.")
]
Resamples = Annotated[int, typer.Option(min=100, max=100_000, help="Draws of clips for each interval.")]


def reviews(
    dataset: options.Dataset,
    sample: Sample = 0,
    seed: Seed = 0,
    reviewer: Reviewer = "",
    drop_rejected: DropRejected = False,
    resamples: Resamples = 2000,
    json: options.Json = False,
) -> None:
    """Say what people said of a dataset's clips, and how far they agree, and count it on the dataset's card.

    Reviews are given in the tab Review of `equime app` and stay in reviews.parquet, which is never pushed.
    """
    if sample and drop_rejected:
        raise UsageError("--sample lists clips and --drop-rejected drops some; give one of them")
    if reviewer and not sample:
        raise UsageError("--reviewer orders a sample; give --sample as well")
    if sample:
        _list(_drawn(dataset, sample, seed, reviewer), str(dataset), json=json)
    elif drop_rejected:
        _drop(dataset, json=json)
    else:
        from equime_evaluation.reviews import agreement

        found = agreement(dataset, resamples=resamples)
        on_card = _count_on_card(dataset)
        if json:
            print_json({"dataset": str(dataset), **found.as_json()})
        else:
            _show(found, str(dataset))
            say(on_card)


def _count_on_card(dataset: options.Dataset) -> str:
    """Bring the card up to date and say so; a folder that only others may write can still be asked."""
    from equime_builder.review_section import recount

    try:
        return "the card counts them now" if recount(dataset) else "the card counts them"
    except OutputError as error:
        return f"the card does not count them all: {error}"


def _drawn(dataset: options.Dataset, count: int, seed: int, reviewer: str) -> list[Candidate]:
    from equime_evaluation.reviews import candidates, draw, in_order_of
    from equime_evaluation.reviews.review import check_pseudonym

    drawn = draw(candidates(dataset), count, seed=seed)
    return in_order_of(check_pseudonym(reviewer), drawn, seed=seed) if reviewer else drawn


def _list(drawn: list[Candidate], dataset: str, *, json: bool) -> None:
    if json:
        print_json({"dataset": dataset, "clips": [asdict(clip) for clip in drawn]})
        return
    rows = [(clip.clip_id, clip.emotion, " ".join(clip.group)) for clip in drawn]
    print_table("", ("clip", "emotion", "group"), rows, numbers=False)


def _drop(dataset: options.Dataset, *, json: bool) -> None:
    from equime_generation.rejection import drop_rejected

    removed = drop_rejected(dataset)
    if json:
        print_json({"dataset": str(dataset), **asdict(removed)})
        return
    files = f"{len(removed.changed)} files rewritten, {len(removed.removed)} removed"
    say(f"{dataset}: {removed.clips} clips that most of their reviewers rejected are out, {files}")
    if removed.clips:
        say(f"what was said of more clips is out of date; make it anew:  equime audit {dataset}")


def _show(found: Agreement, dataset: str) -> None:
    if not found.reviews:
        say(f"{dataset} has no reviews yet; give some in the tab Review:  equime app {dataset}")
        return
    who = f"{len(found.reviewers)} reviewers"
    say(f"{found.reviews} reviews of {found.clips} clips by {who}, {found.blind} of them blind")
    say(f"reviews: {counts_line(found.reviewers)}")
    say(f"decisions: {counts_line(found.decisions)}")
    say(f"clips by majority: {found.kept} kept, {found.rejected} rejected, {found.tied} tied (which stay)")
    for count, what in ((found.revised, "replaced by a later one"), (found.unknown, "of clips never planned here")):
        if count:
            say(f"{count} more {what}, which count nowhere")
    say("")
    columns = ("", "kappa (95 %)", "agree (chance)", "clips")
    print_table("Agreement: Fleiss' kappa of all, Cohen's of two", columns, [_row(line) for line in found.lines])


def _row(line: Line) -> tuple[str, ...]:
    from equime_evaluation.reviews.agreement import EVERYBODY

    kappa, whose = line.kappa, line.among if line.who == EVERYBODY else line.who
    inside = "" if kappa.low is None else f" ({kappa.low:.2f} to {kappa.high:.2f})"
    value = "-" if kappa.value is None else f"{kappa.value:.2f}{inside}"
    agree = "-" if kappa.observed is None else f"{kappa.observed:.2f} ({kappa.expected:.2f})"
    return f"{line.what}, {whose}", value, agree, str(kappa.clips)
