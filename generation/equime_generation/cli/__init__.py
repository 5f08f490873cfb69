"""The `equime` command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
_TYPER_INTERRUPTED: Final = 130
"""With which typer leaves the process on Ctrl-C, so that it never comes as far as here."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process.

    Args:
        arguments: Words after `equime`; ``None`` = those of this process.

    Raises:
        SystemExit: Always; 0 = done, 1 = failed or interrupted, 2 = wrong usage.
    """
    from equime_builder.errors import EquimeError, UsageError
    from equime_generation.cli.commands import app
    from equime_generation.cli.terminal import complain

    try:
        app(list(sys.argv[1:] if arguments is None else arguments), prog_name="equime")
    except UsageError as error:
        complain(str(error))
        raise SystemExit(EXIT_USAGE) from None
    except EquimeError as error:
        complain(str(error))
        raise SystemExit(EXIT_FAILED) from None
    except SystemExit as end:
        if end.code != _TYPER_INTERRUPTED:
            raise
        complain("interrupted; run the same command again to go on from here")
        raise SystemExit(EXIT_FAILED) from None
