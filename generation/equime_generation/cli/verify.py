"""`equime verify`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from equime_builder.address import is_url, local_path, shown
from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, file_screen, print_json, run_screen, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from equime_builder.findings import Finding
    from equime_builder.store_look import Looked
    from equime_generation.regeneration import Means
    from equime_generation.remeasure import Remeasured
    from equime_generation.repair import Repaired

Deep = Annotated[bool, typer.Option(help="Decode every clip as well; --no-deep reads hashes and tables only.")]
SampleOf = Annotated[
    str | None,
    typer.Option("--sample", metavar="N|P%", help="Decode so many clips, always the same ones, instead of all."),
]
Remeasure = Annotated[
    bool,
    typer.Option(
        "--remeasure", help="Measure the clips that are decoded again and compare; needs the photos (--faces)."
    ),
]
Quarantine = Annotated[bool, typer.Option("--quarantine", help="Move bad files into .quarantine, and no more.")]
Repair = Annotated[
    bool,
    typer.Option("--repair", help="Set bad files aside in .quarantine and make them again; clips need --faces."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """What of a dataset is looked at, and with how many processes."""

    dataset: Looked
    deep: bool
    sample: str | None
    remeasure: bool
    workers: int
    means: Means


def verify(
    dataset: options.DatasetOrUrl,
    deep: Deep = True,
    sample: SampleOf = None,
    remeasure: Remeasure = False,
    quarantine: Quarantine = False,
    repair: Repair = False,
    faces: options.Sources = None,
    model: options.Checkpoint = "",
    workers: options.Workers = 0,
    json: options.Json = False,
) -> None:
    """Check a dataset folder against its manifest, its schema and itself, and with --repair put it right."""
    from equime_builder.pool import default_workers
    from equime_generation.regeneration import Means

    workers_here = workers or default_workers()
    _refuse_contradictions(deep=deep, sample=sample, remeasure=remeasure, both=quarantine and repair)
    repaired, set_aside = None, {}
    with _looked_at(dataset, changes=quarantine or repair, workers=workers_here) as looked:
        scope = _Scope(
            dataset=looked,
            deep=deep,
            sample=sample,
            remeasure=remeasure,
            workers=workers_here,
            means=Means(sources=tuple(faces or ()), workers=workers, model=model),
        )
        findings, measured = _look(scope)
        if findings and quarantine:
            set_aside = _quarantine(looked.root, findings)
        if findings and repair:
            if not json:
                _show_findings(findings)
            repaired = _repair(scope, findings)
            set_aside = repaired.set_aside
            findings, measured = _look(scope)
    if json:
        print_json(_as_json(shown(dataset), findings, set_aside, measured))
    else:
        _show(shown(dataset), findings, set_aside, repaired, measured)
    if findings:
        raise typer.Exit(1)


@contextmanager
def _looked_at(dataset: str, *, changes: bool, workers: int) -> Iterator[Looked]:
    """Give the folder, or a look at the one that a URL names."""
    from equime_builder.errors import UsageError
    from equime_builder.store_look import Looked, looked_at

    if not is_url(dataset):
        yield Looked(local_path(dataset))
        return
    if changes:
        raise UsageError(
            "--repair and --quarantine work on a folder of this machine; fetch it with: "
            f"equime pull {shown(dataset)} DIR"
        )
    with looked_at(dataset, workers=workers) as looked:
        yield looked


def _refuse_contradictions(*, deep: bool, sample: str | None, remeasure: bool, both: bool) -> None:
    from equime_builder.errors import UsageError
    from equime_builder.spot_check import check_sample

    if sample is not None:
        check_sample(sample)
    if not deep and (sample is not None or remeasure):
        raise UsageError("--no-deep looks at no clip, so leave out --sample and --remeasure, or --no-deep")
    if both:
        raise UsageError("--repair sets bad files aside as well; leave --quarantine out, or --repair")


def _look(scope: _Scope) -> tuple[list[Finding], Remeasured | None]:
    from equime_builder.verify import verify as findings_of

    with file_screen() as progress:
        findings = findings_of(
            scope.dataset.root,
            deep=scope.deep,
            sample=scope.sample,
            workers=scope.workers,
            progress=progress,
            store=scope.dataset.store,
        )
    measured = _remeasure(scope, findings) if scope.remeasure else None
    return [*findings, *(measured.findings if measured else ())], measured


def _remeasure(scope: _Scope, findings: Sequence[Finding]) -> Remeasured:
    from equime_generation.progress import Tally
    from equime_generation.remeasure import remeasure

    with file_screen() as progress:
        return remeasure(
            scope.dataset.root,
            scope.means,
            Tally(),
            sample=scope.sample,
            skip={finding.file for finding in findings},
            workers=scope.workers,
            progress=progress,
            store=scope.dataset.store,
        )


def _quarantine(dataset: Path, findings: Sequence[Finding]) -> dict[str, str]:
    from equime_generation.quarantine import quarantine

    return quarantine(dataset, findings)


def _repair(scope: _Scope, findings: Sequence[Finding]) -> Repaired:
    from equime_generation.repair import repair

    with run_screen() as screen:
        return repair(scope.dataset.root, findings, scope.means, screen)


def _as_json(
    dataset: str, findings: Sequence[Finding], set_aside: dict[str, str], measured: Remeasured | None
) -> dict[str, Any]:
    again = None if measured is None else {"clips": measured.clips, "largest_difference_px": measured.motion_px}
    return {
        "dataset": str(dataset),
        "whole": not findings,
        "findings": [asdict(item) for item in findings],
        "set_aside": set_aside,
        "measured_again": again,
    }


def _show(
    dataset: str,
    findings: Sequence[Finding],
    set_aside: dict[str, str],
    repaired: Repaired | None,
    measured: Remeasured | None,
) -> None:
    for name, place in set_aside.items():
        say(f"set aside: {name} is {dataset}/{place} now")
    if repaired is not None and repaired.again.shards:
        say(f"{len(repaired.again.shards)} shards made again: {counts_line(repaired.again.counts)}")
    _show_findings(findings)
    if measured is not None:
        apart = "" if measured.motion_px is None else f", largest motion at most {measured.motion_px:.4f} px apart"
        say(f"{measured.clips} clips measured again{apart}")
    for step in dict.fromkeys(finding.next_step for finding in findings):
        say(f"next: {step}")
    say(f"{dataset}: {len(findings)} findings" if findings else f"{dataset} is whole")


def _show_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        say(f"{finding.file}: {finding.rule}: {finding.detail}")
