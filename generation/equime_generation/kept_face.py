"""The file of a face that workers need, as NumPy writes arrays; read without pickle, refused where it is damaged."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from equime_builder.errors import DatasetError
from equime_builder.publish import publish
from equime_builder.records import SIZE_PX, Demographics, Subject

if TYPE_CHECKING:
    from equime_generation.faces import Face

LANDMARKS: Final = 478
MOST_BYTES: Final = 2**22
"""Of the file: 512 x 512 pixels and 478 points are less than 1 MB."""


def write_face(path: Path, face: Face) -> Path:
    """Write a face, whole or not at all.

    Raises:
        OutputError: The place cannot be written.
    """
    import numpy as np

    def write(partial: Path) -> None:
        with partial.open("wb") as file:
            np.savez(
                file,
                subject=json.dumps(asdict(face.subject)),
                image=face.image,
                landmarks=face.landmarks,
                upscale=face.upscale,
            )

    return publish(path, write)


def read_face(source: Path | IO[bytes], *, where: str) -> Face:
    """Return the face in a file.

    Args:
        where: The file, for the message.

    Raises:
        DatasetError: It is missing or damaged.
    """
    try:
        # NumPy leaves a file that it opened itself open where it is damaged
        with source.open("rb") if isinstance(source, Path) else source as file:
            return _read(file)
    except Exception as error:  # NumPy raises whatever the damage leads to, syntax errors of headers among it
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DatasetError(f"{where} is missing or damaged ({reason:.80}); remove it and run again") from error


def _read(file: IO[bytes]) -> Face:
    import numpy as np

    from equime_generation.faces import Face

    with np.load(file, allow_pickle=False) as kept:
        face = Face(
            subject=_subject(json.loads(str(kept["subject"]))),
            image=kept["image"],
            landmarks=kept["landmarks"],
            upscale=float(kept["upscale"]),
        )
    if face.image.shape != (SIZE_PX, SIZE_PX, 3) or face.image.dtype != np.uint8:
        raise ValueError(f"its image is {face.image.shape} {face.image.dtype}")
    if face.landmarks.shape != (LANDMARKS, 3) or face.landmarks.dtype != np.float64:
        raise ValueError(f"its landmarks are {face.landmarks.shape} {face.landmarks.dtype}")
    return face


def _subject(fields: dict[str, Any]) -> Subject:
    declared = fields.pop("demographics")
    shares = tuple((str(group), float(share)) for group, share in declared.pop("ethnicity_distribution"))
    return Subject(demographics=Demographics(**declared, ethnicity_distribution=shares), **fields)
