"""The work folder of a run: its faces and finished parts; it is gone when the dataset is whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from equime_builder.flow import FlowFrame, write_flow
from equime_builder.layout import MANIFEST_FILE
from equime_builder.publish import publish
from equime_builder.records import Demographics, Reject, Subject
from equime_builder.shards import write_rows
from equime_builder.tables import read_rejects, write_rejects
from equime_generation.parts import Part

if TYPE_CHECKING:
    from equime_generation.faces import Face

WORK_NAME: Final = ".work"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths and files of one run.

    Attributes:
        out: The dataset folder.
    """

    out: Path

    @classmethod
    def at(cls, out: str) -> Workspace:
        """Return the workspace of an output folder that another process has claimed."""
        return cls(Path(out))

    @property
    def is_finished(self) -> bool:
        """Whether the dataset is whole; its manifest is written last."""
        return (self.out / MANIFEST_FILE).exists()

    @property
    def folder(self) -> Path:
        """Where everything that is not yet part of the dataset lies."""
        return self.out / WORK_NAME

    def part_path(self, part: Part) -> Path:
        """Where a finished part lies; it is there only if it is whole."""
        return self.folder / "parts" / f"{part.name}.parquet"

    def has_part(self, part: Part) -> bool:
        """Whether a part was committed."""
        return self.part_path(part).exists()

    def _rejects_path(self, part: Part) -> Path:
        return self.folder / "parts" / f"{part.name}.rejects.parquet"

    def flow_path(self, part: Part) -> Path:
        """Where the true motion of a finished part's clips lies."""
        return self.folder / "parts" / f"{part.name}.flow.parquet"

    def commit_part(
        self, part: Part, rows: Sequence[dict[str, Any]], rejects: Sequence[Reject], flow: Sequence[FlowFrame] = ()
    ) -> None:
        """Put a part down, its rows last: the part's own file says that all are whole."""
        write_rejects(self._rejects_path(part), rejects)
        if part.config.with_flow:
            write_flow(self.flow_path(part), flow)
        write_rows(self.part_path(part), rows, part.columns)

    def rejects_of(self, part: Part) -> list[Reject]:
        """Return what a finished part dropped."""
        return list(read_rejects(self._rejects_path(part)))

    def keep_face(self, face: Face) -> None:
        """Put a face where workers find it, in place of one of another photo that an earlier run left."""
        import numpy as np

        path = self.face_path(face.subject.id)
        if path.exists() and self.face(face.subject.id).subject != face.subject:
            path.unlink()

        def write(partial: Path) -> None:
            with partial.open("wb") as file:
                np.savez(
                    file,
                    subject=json.dumps(asdict(face.subject)),
                    image=face.image,
                    landmarks=face.landmarks,
                    upscale=face.upscale,
                )

        publish(path, write)

    def face(self, subject_id: str) -> Face:
        """Return a kept face."""
        import numpy as np

        from equime_generation.faces import Face

        with np.load(self.face_path(subject_id), allow_pickle=False) as kept:
            return Face(
                subject=_subject(json.loads(str(kept["subject"]))),
                image=kept["image"],
                landmarks=kept["landmarks"],
                upscale=float(kept["upscale"]),
            )

    def face_path(self, subject_id: str) -> Path:
        """Where the face of a person lies while a run needs it."""
        return self.folder / "faces" / f"{subject_id}.npz"

    def discard(self) -> None:
        """Remove the work folder; the dataset no longer needs it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _subject(fields: dict[str, Any]) -> Subject:
    declared = fields.pop("demographics")
    shares = tuple((str(group), float(share)) for group, share in declared.pop("ethnicity_distribution"))
    return Subject(demographics=Demographics(**declared, ethnicity_distribution=shares), **fields)
