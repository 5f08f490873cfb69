"""CSV, workbooks, text and JSON tables: what people declare about photos and clips."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from equime_builder.export.key import KEY_FILE
from equime_builder.export.xlsx import write_xlsx
from equime_evaluation.recordings import open_source as open_recordings
from equime_generation.sources import open_source
from equime_generation.sources.celeba_attributes import CSV_FILE, NEEDED, TEXT_FILE
from equime_generation.sources.celeba_identity import IDENTITY_FILE, MAPPING_FILE
from equime_generation.sources.ffhq import METADATA_FILE
from equime_generation.sources.table import COLUMNS, TABLE_NAME
from tests.fuzz.containers import mutated_lines, mutated_zip
from tests.fuzz.mutations import mutated_json
from tests.fuzz.target import Read, Target

_CELEBA: Final = f"2\n{' '.join(NEEDED)}\n0.jpg{' -1' * len(NEEDED)}\n1.jpg{' 1' * len(NEEDED)}\n".encode()
_LABELS: Final = ("Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Estimated Emotion")


def _beside(sample: bytes, **files: bytes) -> Callable[[Path], Sequence[bytes]]:
    """Return what makes the sample, and puts the photos 0.jpg and 1.jpg and other files into the folder."""

    def samples(folder: Path) -> list[bytes]:
        for name in ("0.jpg", "1.jpg"):
            Image.new("RGB", (8, 8), "grey").save(folder / name)
        for name, content in files.items():
            (folder / f"{name}.txt").write_bytes(content)
        return [sample]

    return samples


def _photos(source: str) -> Read:
    return lambda folder: open_source(f"{source}:{folder}")


def _clip_folder(folder: Path) -> None:
    clip = folder / "sub01" / "EP01"
    clip.mkdir(parents=True, exist_ok=True)
    for number in (1, 2, 3):
        Image.new("RGB", (8, 8), "grey").save(clip / f"img{number}.jpg")


def _workbook(folder: Path) -> list[bytes]:
    _clip_folder(folder)
    path = write_xlsx(folder / "made", [_LABELS, (1, "EP01", 1, 2, 3, "happiness")])
    return [path.read_bytes()]


def _csv(folder: Path) -> list[bytes]:
    _clip_folder(folder)
    return [f"{','.join(_LABELS)}\n1,EP01,1,2,3,happiness\n".encode()]


def _key(folder: Path) -> list[bytes]:
    (folder / "labels.csv").write_bytes(_csv(folder)[0])
    return [b"subject,filename,id,subject_id\nsub01,EP01,fear-t001-00,t001\n"]


def _recordings(folder: Path) -> object:
    return open_recordings(f"casme2:{folder}").recordings


_METADATA: Final = f"{','.join(COLUMNS)}\n0.jpg,ann,female,31.5,25-35,55% Thai, I,CC0-1.0\n1.jpg,,,,,,,\n".encode()
_FFHQ: Final = json.dumps(
    {"0": {"metadata": {"license_url": "https://creativecommons.org/licenses/by/2.0/", "author": "x"}}, "1": {}}
).encode()

TARGETS: Final[dict[str, Target]] = {
    "metadata": Target(
        file=TABLE_NAME,
        samples=_beside(_METADATA.replace(b", I,", b",I,")),
        readers=(_photos("folder"),),
        mutate=mutated_lines(b","),
        marks=(b'"', b"\n"),
    ),
    "celeba": Target(
        file=TEXT_FILE, samples=_beside(_CELEBA), readers=(_photos("celeba-hq"),), mutate=mutated_lines(b" ")
    ),
    "celeba-csv": Target(
        file=CSV_FILE,
        samples=_beside(
            f"image_id,{','.join(NEEDED)}\n0.jpg{',-1' * len(NEEDED)}\n1.jpg{',0' * len(NEEDED)}\n".encode()
        ),
        readers=(_photos("celeba-hq"),),
        mutate=mutated_lines(b","),
    ),
    "celeba-identity": Target(
        file=IDENTITY_FILE,
        samples=_beside(
            b"000001.jpg 7\n000002.jpg 8\n",
            **{
                TEXT_FILE.removesuffix(".txt"): _CELEBA,
                MAPPING_FILE.removesuffix(".txt"): b"idx orig_idx orig_file\n0 1 000001.jpg\n1 2 000002.jpg\n",
            },
        ),
        readers=(_photos("celeba-hq"),),
        mutate=mutated_lines(b" "),
    ),
    "ffhq": Target(file=METADATA_FILE, samples=_beside(_FFHQ), readers=(_photos("ffhq"),), mutate=mutated_json),
    "workbook": Target(
        file="labels.xlsx",
        samples=_workbook,
        readers=(_recordings,),
        mutate=mutated_zip,
        marks=(b"PK", b"<row", b"<c "),
    ),
    "labels": Target(file="labels.csv", samples=_csv, readers=(_recordings,), mutate=mutated_lines(b",")),
    "export-key": Target(file=KEY_FILE, samples=_key, readers=(_recordings,), mutate=mutated_lines(b",")),
}
