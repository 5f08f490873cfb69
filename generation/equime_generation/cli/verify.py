"""`equime verify`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import print_json, say

Deep = Annotated[bool, typer.Option(help="Decode every video as well; --no-deep reads hashes and tables only.")]


def verify(dataset: options.Dataset, deep: Deep = True, json: options.Json = False) -> None:
    """Check a dataset folder against its manifest, its schema and itself."""
    from equime_builder.verify import verify as findings_in

    findings = list(findings_in(dataset, deep=deep))
    if json:
        print_json({"dataset": str(dataset), "whole": not findings, "findings": [asdict(item) for item in findings]})
    else:
        for item in findings:
            say(f"{item.file}: {item.rule}: {item.detail}")
        say(f"{dataset}: {len(findings)} findings" if findings else f"{dataset} is whole")
    if findings:
        raise typer.Exit(1)
