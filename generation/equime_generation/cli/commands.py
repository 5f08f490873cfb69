"""The table of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from equime_generation.cli.app import app as open_app
from equime_generation.cli.attributes import attributes
from equime_generation.cli.audit import audit
from equime_generation.cli.classify import classify
from equime_generation.cli.doctor import doctor
from equime_generation.cli.evaluate import evaluate
from equime_generation.cli.export import export
from equime_generation.cli.extend import extend
from equime_generation.cli.forget import forget
from equime_generation.cli.group import Commands
from equime_generation.cli.ltx import ltx
from equime_generation.cli.plan import plan
from equime_generation.cli.pull import pull
from equime_generation.cli.push import push
from equime_generation.cli.recipe import recipe
from equime_generation.cli.regenerate import regenerate
from equime_generation.cli.render import render
from equime_generation.cli.reviews import reviews
from equime_generation.cli.terminal import say
from equime_generation.cli.train import train
from equime_generation.cli.verify import verify

app = typer.Typer(
    name="equime",
    cls=Commands,
    help="Equitable synthetic micro-expression video: render it, check it, load it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for command in (
    render,
    extend,
    plan,
    regenerate,
    verify,
    evaluate,
    attributes,
    audit,
    train,
    classify,
    export,
    recipe,
    push,
    pull,
    reviews,
    forget,
    doctor,
    open_app,
):
    app.command()(command)
app.add_typer(ltx)


def _say_version(asked: bool) -> None:
    from equime_builder import __version__

    if asked:
        say(f"equime {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
