"""`equime regenerate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.terminal import counts_line, print_json, run_screen, say

if TYPE_CHECKING:
    from equime_generation.regeneration import Redone, Regenerated

What = Annotated[
    list[str] | None,
    typer.Argument(
        help="Shards (data/fear/test-00000.parquet), splits (test), emotions (fear), both (fear/test) or clip ids; "
        "left out: what is missing or damaged, with --check everything."
    ),
]
Check = Annotated[
    bool, typer.Option("--check", help="Make them again in a temporary place, compare, and change nothing.")
]
Sample = Annotated[int | None, typer.Option(min=1, help="With --check: only so many clips, spread by chance.")]


def regenerate(
    dataset: options.Dataset,
    what: What = None,
    faces: options.Sources = None,
    check: Check = False,
    sample: Sample = None,
    model: options.Checkpoint = "",
    engine: options.Engine = "local",
    address: options.Address = "",
    workers: options.Workers = 0,
    json: options.Json = False,
) -> None:
    """Make shards or clips again from their recipes and photos; complete a recipe release.

    With the versions that made them the bytes are the same. With others each clip must be equal: the same plan, and
    picture and measured motion within bounds; what differs is named. Exit code 1 where something is different.
    """
    from equime_builder.errors import UsageError
    from equime_generation.regeneration import Means, check_again
    from equime_generation.regeneration import regenerate as make_again

    if sample is not None and not check:
        raise UsageError("--sample chooses clips to compare; add --check, or leave it out")
    means = Means(sources=tuple(faces or ()), workers=workers, engine=engine, address=address, model=model)
    with run_screen() as screen:
        if check:
            done = check_again(dataset, what or [], means, screen, sample=sample)
        else:
            done = make_again(dataset, what or [], means, screen)
    if json:
        print_json(
            {
                "dataset": str(dataset),
                "ok": done.ok,
                "whole": done.is_whole,
                "installed": list(done.installed),
                "shards": [shard.as_json() for shard in done.shards],
            }
        )
    else:
        _show(str(dataset), done)
    if not done.ok:
        raise typer.Exit(1)


def _show(dataset: str, done: Regenerated) -> None:
    for shard in done.shards:
        _show_shard(shard)
    for line, clips in sorted(done.differences.items()):
        say(f"{line} ({clips} clips)")
    say(f"{len(done.shards)} shards made again: {counts_line(done.counts)}" if done.shards else "nothing is missing")
    if done.is_whole is not None:
        say(f"{dataset} is whole" if done.is_whole else f"{dataset} is not whole yet; regenerate the rest of it")


def _show_shard(shard: Redone) -> None:
    say(f"{shard.shard}: {shard.clips} clips, {shard.verdict}")
    for clip, reason in shard.dropped.items():
        say(f"  {clip}: dropped here: {reason}")
    for compared in shard.compared:
        for fault in compared.faults:
            say(f"  {compared.clip_id}: {fault}")
