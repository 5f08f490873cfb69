"""Words on the terminal are words, whatever somebody called his files."""

from __future__ import annotations

import pytest

from equime_generation.cli.terminal import complain, file_screen, print_table, say

NAMES = ("a[/b].mp4", "[bold]x", "\x1b]0;owned\x07.mp4", "caf\udce9.mp4", ":bug:", "\u202egpj.exe")
SHOWN = ("a[/b].mp4", "[bold]x", r"\x1b]0;owned\x07.mp4", r"caf\udce9.mp4", ":bug:", r"\u202egpj.exe")


@pytest.mark.parametrize(("name", "shown"), [*zip(NAMES, SHOWN, strict=True)])
def test_no_name_gives_orders(name: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(f"read {name}\nand more")
    complain(name)
    print_table("", ("clip",), [(name,)])
    printed = capsys.readouterr()
    assert printed.out.startswith(f"read {shown}\nand more\n")
    assert printed.out.splitlines()[3].strip() == shown
    assert printed.err == f"equime: {shown}\n"


@pytest.mark.parametrize("name", NAMES)
def test_no_name_ends_a_bar(name: str) -> None:
    with file_screen("clips") as show:
        show(1, 3, name)
