"""`equime verify`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import file_screen, print_json, say

if TYPE_CHECKING:
    from equime_builder.findings import Finding

Deep = Annotated[bool, typer.Option(help="Decode every clip as well; --no-deep reads hashes and tables only.")]


def verify(dataset: options.Dataset, deep: Deep = True, json: options.Json = False) -> None:
    """Check a dataset folder against its manifest, its schema and itself."""
    from equime_builder.verify import verify as findings_of

    with file_screen() as progress:
        findings = findings_of(dataset, deep=deep, progress=progress)
    if json:
        print_json({"dataset": str(dataset), "whole": not findings, "findings": [asdict(item) for item in findings]})
    else:
        _show(str(dataset), findings)
    if findings:
        raise typer.Exit(1)


def _show(dataset: str, findings: list[Finding]) -> None:
    for finding in findings:
        say(f"{finding.file}: {finding.rule}: {finding.detail}")
    for step in dict.fromkeys(finding.next_step for finding in findings):
        say(f"next: {step}")
    say(f"{dataset}: {len(findings)} findings" if findings else f"{dataset} is whole")
