"""What the terminal shows: complaints, tables and the progress of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from equime_builder.records import Reject
from equime_generation.parts import ClipDone
from equime_generation.sources.images import printable

console = Console(emoji=False)
errors = Console(stderr=True, emoji=False)


def complain(text: str) -> None:
    """Print one line of trouble to standard error."""
    errors.print(f"[bold red]equime:[/] {_plain(text)}", soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """Print one line."""
    console.print(_plain(text), soft_wrap=True, highlight=False)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON document for programs to read, and nothing else."""
    print(json.dumps(value, indent=1, sort_keys=True))


def counts_line(counts: Mapping[str, int]) -> str:
    """Return counts as text, largest first: ``weak_motion 3, no_peak 1``."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered)


def print_table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, numbers: bool = True) -> None:
    """Print a plain table under its title.

    Args:
        numbers: Whether all columns but the first hold numbers, which stand at the right.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, name in enumerate(columns):
        table.add_column(name, justify="right" if numbers and place else "left", no_wrap=numbers)
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    if title:
        say(title)
    console.print(table)


class RunScreen:
    """A watch that shows a bar with clips done, clips dropped, rate and time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._dropped = 0

    def stage(self, text: str) -> None:
        """Print the stage above the bar."""
        self._progress.console.print(_plain(text), highlight=False)

    def photo_refused(self, reject: Reject) -> None:
        """Print which photo was refused, and why."""
        text = f"refused {reject.id} ({reject.reason}): {reject.detail}"
        self._progress.console.print(f"[yellow]{_plain(text)}[/]", soft_wrap=True, highlight=False)

    def planned(self, clips: int) -> None:
        """Start the bar; before there is anything to count, an empty one would only print a blank line."""
        self._progress.start()
        self._task = self._progress.add_task("clips", total=clips, dropped=0, rate="")

    def clip_done(self, done: ClipDone) -> None:
        """Move the bar."""
        if self._task is None:
            return
        self._dropped += done.reason is not None
        self._progress.update(self._task, advance=1, dropped=self._dropped)
        task = next(task for task in self._progress.tasks if task.id == self._task)
        if not done.resumed and task.speed:
            self._progress.update(self._task, rate=f"{60 * task.speed:.0f} a minute")


@contextmanager
def run_screen() -> Iterator[RunScreen]:
    """Show the progress of a run on standard error until the block is left."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("dropped {task.fields[dropped]}"),
        console=errors,
    )
    try:
        yield RunScreen(progress)
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def file_screen(what: str = "files") -> Iterator[Callable[[int, int, str], None]]:
    """Show which of how many files, or other things, is at hand, on standard error, until the block is left."""
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=errors,
        transient=True,
    )
    task = progress.add_task(what)

    def show(done: int, total: int, path: str) -> None:
        progress.start()  # not before there is something to count, as an empty bar would leave a blank line
        progress.update(task, completed=done, total=total, description=printable(path))

    try:
        yield show
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def waiting_screen() -> Iterator[Callable[[str], None]]:
    """Show what is being done, on standard error, until the block is left."""
    with errors.status("") as status:
        yield lambda text: status.update(_plain(text))


def _plain(text: str) -> str:
    """Return a text whose words are no orders, to Rich or to the terminal: it may hold names from somebody's files."""
    return escape("\n".join(map(printable, text.split("\n"))))
