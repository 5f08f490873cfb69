"""`equime verify`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, file_screen, print_json, run_screen, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from equime_builder.findings import Finding
    from equime_generation.repair import Repaired

Deep = Annotated[bool, typer.Option(help="Decode every clip as well; --no-deep reads hashes and tables only.")]
Repair = Annotated[
    bool,
    typer.Option("--repair", help="Set bad files aside in .quarantine and make them again; clips need --faces."),
]


def verify(
    dataset: options.Dataset,
    deep: Deep = True,
    repair: Repair = False,
    faces: options.Sources = None,
    model: options.Checkpoint = "",
    workers: options.Workers = 0,
    json: options.Json = False,
) -> None:
    """Check a dataset folder against its manifest, its schema and itself, and with --repair put it right."""
    findings = _findings(dataset, deep)
    repaired = None
    if repair and findings:
        if not json:
            _show_findings(findings)
        repaired = _repair(dataset, findings, faces or [], model, workers)
        findings = _findings(dataset, deep)
    if json:
        told = {"dataset": str(dataset), "whole": not findings, "findings": [asdict(item) for item in findings]}
        print_json({**told, "set_aside": list(repaired.set_aside) if repaired else []})
    else:
        _show(str(dataset), findings, repaired)
    if findings:
        raise typer.Exit(1)


def _findings(dataset: Path, deep: bool) -> list[Finding]:
    from equime_builder.verify import verify as findings_of

    with file_screen() as progress:
        return findings_of(dataset, deep=deep, progress=progress)


def _repair(dataset: Path, findings: Sequence[Finding], faces: Sequence[str], model: str, workers: int) -> Repaired:
    from equime_generation.regeneration import Means
    from equime_generation.repair import repair

    with run_screen() as screen:
        return repair(dataset, findings, Means(sources=tuple(faces), workers=workers, model=model), screen)


def _show(dataset: str, findings: Sequence[Finding], repaired: Repaired | None) -> None:
    if repaired is not None:
        say(f"set aside in {dataset}/.quarantine: {', '.join(repaired.set_aside) or 'nothing'}")
        if repaired.again.shards:
            say(f"{len(repaired.again.shards)} shards made again: {counts_line(repaired.again.counts)}")
    _show_findings(findings)
    for step in dict.fromkeys(finding.next_step for finding in findings):
        say(f"next: {step}")
    say(f"{dataset}: {len(findings)} findings" if findings else f"{dataset} is whole")


def _show_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        say(f"{finding.file}: {finding.rule}: {finding.detail}")
