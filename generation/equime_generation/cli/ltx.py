"""`equime ltx`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from equime_generation.cli import options
from equime_generation.cli.group import Commands
from equime_generation.cli.options import TABLE_HELP
from equime_generation.cli.terminal import file_screen, print_json, print_table, say
from equime_generation.config import RunConfig
from equime_generation.progress import Tally
from equime_generation.renderers.ltx.settings import LtxSettings

if TYPE_CHECKING:
    from equime_generation.faces import Face
    from equime_generation.renderers.ltx.verdict import Verdict

_AS_IT_COMES = LtxSettings()
_FACES = RunConfig(emotions=("neutral",)).faces

ltx = typer.Typer(name="ltx", cls=Commands, help="The diffusion renderer, LTX-Video.", no_args_is_help=True)


@ltx.callback()
def _group() -> None:
    """Keep `survive` a word of its own while it is the only command here."""


@ltx.command()
def survive(
    model: Annotated[str, typer.Option(help=TABLE_HELP["model"])] = "",
    revision: Annotated[str, typer.Option(help=TABLE_HELP["revision"])] = "",
    faces: Annotated[str, typer.Option(help="Source of the photos, as for render.")] = _FACES,
    subjects: Annotated[int, typer.Option(min=1, help="How many people to try, best photos first.")] = 2,
    clips: Annotated[int, typer.Option(min=0, help="Movements to send through the VAE; 0 = each unit and level.")] = 0,
    sample: Annotated[int, typer.Option(min=0, help="Movements to render with each conditioning; 0 = none.")] = 24,
    guide_strength: Annotated[float, typer.Option(help=TABLE_HELP["guide_strength"])] = _AS_IT_COMES.guide_strength,
    condition_crf: Annotated[int, typer.Option(help=TABLE_HELP["condition_crf"])] = _AS_IT_COMES.condition_crf,
    memory: Annotated[str, typer.Option(help=TABLE_HELP["memory"])] = _AS_IT_COMES.memory,
    batch_size: Annotated[int, typer.Option(help=TABLE_HELP["batch_size"])] = _AS_IT_COMES.batch_size,
    device: Annotated[str, typer.Option(help=TABLE_HELP["device"])] = _AS_IT_COMES.device,
    workers: Annotated[int, typer.Option(min=0, help="Threads that encode and measure; 0 = one a core.")] = 0,
    json: options.Json = False,
) -> None:
    """Tell how much of each planned movement a checkpoint leaves: through its VAE alone, then by each conditioning.

    Run it before a campaign. A movement counts as kept where the screen would keep its clip.
    """
    from equime_builder.pool import default_workers
    from equime_generation.renderers.ltx.trying import try_out

    settings = LtxSettings(
        model=model,
        revision=revision,
        guide_strength=guide_strength,
        condition_crf=condition_crf,
        memory=memory,
        batch_size=batch_size,
        device=device,
    )
    found: list[Verdict] = []
    with file_screen("movements") as progress:
        people = _people(faces, subjects)
        for verdict in try_out(
            settings, people, clips=clips, sample=sample, workers=workers or default_workers(), progress=progress
        ):
            found.append(verdict)
    if json:
        print_json({"model": model, "revision": revision, "routes": [verdict.as_json() for verdict in found]})
        return
    for verdict in found:
        _show(verdict)
    for verdict in found:
        say(verdict.sentence())


def _people(source: str, subjects: int) -> list[Face]:
    from equime_generation.subjects import admit_subjects

    people: list[Face] = []
    admit_subjects(RunConfig(faces=source, subjects=subjects), Tally(), keep=people.append)
    return people


def _show(verdict: Verdict) -> None:
    from equime_generation.renderers.ltx.verdict import COLUMNS

    rows = [(name, *summary.cells()) for name, summary in verdict.groups()]
    print_table(f"{verdict.route}: what is left of the movements", ("", *COLUMNS), rows)
    say("")
