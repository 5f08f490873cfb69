"""What runs on the nodes of a cluster: a worker with a warm renderer, which says first whether its node will do."""

from __future__ import annotations

import queue
import socket
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from equime_builder.errors import EquimeError
from equime_builder.pool import default_workers
from equime_generation.engines import Work
from equime_generation.engines.processes import begin
from equime_generation.parts import ClipDone, Part
from equime_generation.recipe import versions
from equime_generation.renderers import RENDERERS
from equime_generation.workspace import Workspace

NOTE_NAME: Final = "note"
"""File in the work folder with which a driver finds out which nodes see that folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What every node must agree with the driver on.

    Attributes:
        out: The dataset folder: a path that is the same everywhere, or a URL.
        text: What the driver has just written into the note there.
        renderer: Name in `equime_generation.renderers.RENDERERS`.
        versions: Installed versions of what decides its pixels.
    """

    out: str
    text: str
    renderer: str
    versions: Mapping[str, str]

    def complaint(self) -> str:
        """Return in one sentence why this node will not do; empty = it will."""
        return self._of_the_folder() or self._of_versions()

    def _of_the_folder(self) -> str:
        node, place = socket.gethostname(), Workspace.at(self.out)
        try:
            (note,) = place.bring(place.folder / NOTE_NAME)
            is_seen = note.read_text(encoding="utf-8") == self.text
        except EquimeError as error:
            return f"node {node}: {error}"
        except OSError:
            is_seen = False
        if not is_seen:
            return (
                f"node {node} does not see {place.name} as this machine does; give --out a folder that is mounted at "
                "the same path on every node, or the URL of an object store"
            )
        try:
            with tempfile.TemporaryFile(dir=place.folder):
                return ""
        except OSError as error:
            return f"node {node} cannot write into {place.name}: {error.strerror}; let the user of its workers write"

    def _of_versions(self) -> str:
        here = versions(RENDERERS[self.renderer].packages)
        unlike = [name for name, wanted in self.versions.items() if here.get(name) != wanted]
        if not unlike:
            return ""
        there = ", ".join(f"{name} {here.get(name, 'missing')}" for name in unlike)
        wanted = ", ".join(f"{name} {self.versions[name]}" for name in unlike)
        return f"node {socket.gethostname()} has {there}, which decide pixels; install {wanted} there, as here"


class RemoteWorker:
    """A process of a cluster that works on parts.

    Args:
        work: Done to each part.
        cpus: Cores that are this worker's to use.
    """

    def __init__(self, work: Work, cpus: int) -> None:
        self._work = work
        self._workers_here = max(1, default_workers() // cpus)
        begin()

    def complaint(self, terms: Terms) -> str:
        """Return why this node will not do; empty = it will."""
        return terms.complaint()

    def work_on(self, part: Part) -> Iterator[ClipDone]:
        """Work on a part and yield each clip as soon as it is done."""
        # where a studio has processes of its own, it divides the machine's cores by the workers of the configuration
        mine = replace(part, config=replace(part.config, workers=self._workers_here))
        reports: queue.SimpleQueue[ClipDone | None] = queue.SimpleQueue()
        with ThreadPoolExecutor(1, thread_name_prefix="equime-part") as thread:
            working = thread.submit(self._work, mine, reports.put)
            working.add_done_callback(lambda _: reports.put(None))
            for done in iter(reports.get, None):  # noqa: UP028  (Ray sends into it, and `yield from` hands that on)
                yield done
            working.result()
