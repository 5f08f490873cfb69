"""A group of commands that answers an unknown one with those that there are."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from equime_builder.errors import UsageError


class Commands(TyperGroup):
    """Where typer says only that there is no such command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command's name, the command, and the words after it.

        Raises:
            UsageError: There is no command of that name.
        """
        if args[0] not in self.commands:
            raise UsageError(
                f"command {args[0]!r} is unknown; choose from: {', '.join(self.commands)}; what each does says: "
                f"{ctx.command_path} --help"
            )
        return super().resolve_command(ctx, args)
