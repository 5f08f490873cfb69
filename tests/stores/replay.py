"""An engine whose parts hold the clips of a run that is there: all of a run but the seconds that clips take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from equime_builder.flow import read_frames
from equime_builder.reading import read_rows
from equime_generation.parts import ClipDone, Part
from equime_generation.workspace import Workspace


@dataclass
class Replay:
    """Commits parts with the rows of a finished dataset.

    Attributes:
        source: The dataset.
        after: Called after each part, with its name.
    """

    source: Path
    after: Callable[[str], None] = lambda name: None
    done: list[str] = field(default_factory=list)

    def __call__(self, parts: Sequence[Part], work: object, *, report: Callable[[ClipDone], None], **_: Any) -> None:
        for part in parts:
            workspace = Workspace.at(part.config.out)
            for name in {plan.subject_id for plan in part.plans}:
                assert workspace.face(name).subject.id == name, "workers find the faces"
            if not workspace.has_part(part):
                self._commit(workspace, part)
                self.done.append(part.name)
            for plan in part.plans:
                report(ClipDone(clip_id=plan.clip_id, reason=None, attempts=1))
            self.after(part.name)

    def _commit(self, workspace: Workspace, part: Part) -> None:
        ids = {plan.clip_id for plan in part.plans}
        rows = [row for row in read_rows(self.source / part.shard, part.columns) if row["id"] in ids]
        flow = self.source / "flow" / part.shard.removeprefix("data/")
        frames = [frame for frame in read_frames(flow) if frame.clip_id in ids] if flow.exists() else []
        workspace.commit_part(part, rows, [], frames)
