"""The ray engine: workers over the nodes of a Ray cluster, each with a warm renderer, replaced when they are lost."""

from __future__ import annotations

import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from equime_builder.address import is_url, local_path
from equime_builder.errors import EquimeError
from equime_generation.engines import Crew, Work, each_once
from equime_generation.engines.ray_cluster import cluster
from equime_generation.engines.remote import NOTE_NAME, RemoteWorker, Terms
from equime_generation.parts import ClipDone, Part
from equime_generation.recipe import versions
from equime_generation.renderers import RENDERERS
from equime_generation.workspace import Workspace

LOSSES_ALLOWED: Final = 3
"""Times that one part may be lost with its worker, before the run gives up: such a part may be what kills workers."""
_PATIENCE_S: Final = 30.0


def run_ray(
    parts: Sequence[Part],
    work: Work,
    *,
    crew: Crew,
    report: Callable[[ClipDone], None],
    tell: Callable[[str], None],
) -> None:
    """Run parts on a Ray cluster; see `equime_generation.engines.Engine`.

    Raises:
        MissingExtraError: Ray is not installed.
        UsageError: The address is no cluster's.
        EquimeError: The cluster does not answer, none of its nodes will do, a part was lost again and again, or raised.
    """
    if not parts:
        return
    parts = [_anywhere(part) for part in parts]
    terms, report = _terms(parts[0]), each_once(report)
    with cluster(crew.address, workers=crew.workers) as ray:
        try:
            _Foreman(ray, parts, work, crew=crew, terms=terms, report=report, tell=tell).run()
        except ray.exceptions.RayError as error:
            raise EquimeError(f"the Ray cluster failed: {error}; run the same command again to go on") from error


def _anywhere(part: Part) -> Part:
    """Return a part that means the same folder whatever a process works in."""
    out = part.config.out
    return part if is_url(out) else replace(part, config=replace(part.config, out=str(local_path(out).absolute())))


def _terms(part: Part) -> Terms:
    """Leave a note that every node must see."""
    config, text = part.config, secrets.token_hex(16)
    place = Workspace.at(config.out)
    place.publish_text(place.folder / NOTE_NAME, text)
    own = versions(RENDERERS[config.renderer].packages)
    return Terms(out=config.out, text=text, renderer=config.renderer, versions=own)


class _Hired:
    """A worker of ours in the cluster."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle


class _Foreman:
    """Hires workers, hands parts to those that are ready, and hands out again what was lost with one.

    No more than that is left to Ray: an actor that Ray restarts would hold its part until it finds a place, while
    others have nothing to do.
    """

    def __init__(
        self,
        ray: Any,
        parts: Sequence[Part],
        work: Work,
        *,
        crew: Crew,
        terms: Terms,
        report: Callable[[ClipDone], None],
        tell: Callable[[str], None],
    ) -> None:
        self._ray, self._work, self._crew, self._terms = ray, work, crew, terms
        self._report, self._tell = report, tell
        self._needs = _needs(ray, crew)
        self._places = ray.remote(RemoteWorker).options(
            max_restarts=0, max_concurrency=crew.lanes, scheduling_strategy="SPREAD", **self._needs
        )
        self._waiting = deque(parts)
        self._starting: dict[Any, _Hired] = {}
        self._at_work: dict[Any, tuple[_Hired, Part]] = {}
        self._free: deque[_Hired] = deque()
        self._refused: dict[_Hired, str] = {}
        self._losses: Counter[str] = Counter()
        self._told: set[str] = set()
        self._heard_s = time.monotonic()

    def run(self) -> None:
        """Return when every part is done."""
        try:
            while self._waiting or self._at_work:
                self._hire()
                self._hand_out()
                self._listen()
        finally:
            for hired in {*self._everybody, *self._refused}:
                self._ray.kill(hired.handle)

    @property
    def _everybody(self) -> set[_Hired]:
        """Workers that start, work or wait for work."""
        return {*self._starting.values(), *(hired for hired, _ in self._at_work.values()), *self._free}

    def _hire(self) -> None:
        parts_left = len(self._waiting) + len(self._at_work)
        wanted = min(self._crew.workers or max(1, self._room()), -(-parts_left // self._crew.lanes))
        for _ in range(wanted - len(self._everybody)):
            handle = self._places.remote(self._work, self._needs["num_cpus"])
            self._starting[handle.complaint.remote(self._terms)] = _Hired(handle)

    def _room(self) -> int:
        """Return for how many workers the cluster has places at present, taken or not."""
        there = self._ray.cluster_resources()
        name, amount = ("GPU", 1) if self._crew.on_gpu else ("CPU", self._needs["num_cpus"])
        return int(there.get(name, 0) // amount)

    def _hand_out(self) -> None:
        while self._waiting and self._free:
            hired, part = self._free.popleft(), self._waiting.popleft()
            self._at_work[hired.handle.work_on.options(num_returns="streaming").remote(part)] = hired, part

    def _listen(self) -> None:
        news, _ = self._ray.wait([*self._starting, *self._at_work], num_returns=1, timeout=1)
        for one in news:
            self._heard_s = time.monotonic()
            if one in self._starting:
                self._welcome(one)
            else:
                self._hear(one)
        is_idle = not self._at_work and not self._free
        if is_idle and self._refused and len(self._refused) >= self._room():
            raise EquimeError(f"no node of the cluster will do: {'; '.join(sorted({*self._refused.values()}))}")
        if is_idle and time.monotonic() - self._heard_s > _PATIENCE_S:
            self._tell_once(f"waiting for a free {'GPU' if self._crew.on_gpu else 'CPU'} in the cluster")

    def _welcome(self, answer: Any) -> None:
        """Take a worker on whose node will do."""
        hired = self._starting.pop(answer)
        try:
            complaint = self._ray.get(answer)
        except self._ray.exceptions.RayActorError as error:
            self._note_loss("", _why(error))
            return
        if not complaint:
            self._losses.pop("", None)
            self._free.extend([hired] * self._crew.lanes)
            return
        self._refused[hired] = complaint  # it keeps its place, so that Ray gives it to no other worker of ours
        self._tell_once(f"left out: {complaint}")

    def _hear(self, reports: Any) -> None:
        """Pass a worker's next report on."""
        hired, part = self._at_work[reports]
        try:
            self._report(self._ray.get(next(reports)))
        except StopIteration:
            del self._at_work[reports]
            self._free.append(hired)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except self._ray.exceptions.RayError as error:
            del self._at_work[reports]
            self._free = deque(other for other in self._free if other is not hired)
            self._ray.kill(hired.handle)
            self._waiting.appendleft(part)
            self._note_loss(part.name, _why(error))

    def _note_loss(self, what: str, why: str) -> None:
        self._losses[what] += 1
        if self._losses[what] > LOSSES_ALLOWED:
            doing = f"at work on part {what}" if what else "as they started"
            raise EquimeError(
                f"workers were lost {self._losses[what]} times {doing}, {len(self._waiting)} parts are left ({why}); "
                "see that every node has the memory, and equime[ray,render] in its Python; then run the command again"
            )
        self._tell(f"a worker was lost ({why}); another goes on")

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)


def _needs(ray: Any, crew: Crew) -> dict[str, int]:
    """Return what a worker holds of its node: a core, or a GPU with its share of the cores."""
    if not crew.on_gpu:
        return {"num_cpus": 1}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("GPU")]
    shares = [int(there.get("CPU", 1) // there["GPU"]) for there in nodes]
    return {"num_gpus": 1, "num_cpus": max(1, min(shares, default=1))}


def _why(error: Exception) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines()]
    return lines[-1] if lines else type(error).__name__
