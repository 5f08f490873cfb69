"""Small folders in the layouts that public face sets are distributed in, filled with synthetic people or with bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from equime_generation.sources import open_source

ATTRIBUTES = [
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
]
ATTRIBUTE_FILE = "CelebAMask-HQ-attribute-anno.txt"

Present = Mapping[str, set[str]]
"""File name to the attributes that are 1."""


@cache
def portrait(number: int, side_px: int = 1024) -> bytes:
    """Return the portrait of a default person (1-10) as a JPEG of another size."""
    from PIL import Image

    photo = open_source()[number - 1]
    with Image.open(io.BytesIO(photo.read())) as image:
        buffer = io.BytesIO()
        image.resize((side_px, side_px), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def put(path: Path, data: bytes | str) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def attribute_text(present: Present) -> str:
    """Return CelebA-HQ's attribute file: the count, the names, and rows with two spaces after the file."""
    rows = (
        f"{file}  {' '.join(' 1' if name in names else '-1' for name in ATTRIBUTES)}" for file, names in present.items()
    )
    return "\n".join([str(len(present)), " ".join(ATTRIBUTES), *rows]) + "\n"


def attribute_csv(present: Present, no: str = "-1") -> str:
    """Return the same as CSV."""
    rows = (",".join([file, *("1" if name in names else no for name in ATTRIBUTES)]) for file, names in present.items())
    return "\n".join([",".join(["image_id", *ATTRIBUTES]), *rows]) + "\n"


def celeba_folder(root: Path, present: Present, photos: Mapping[str, bytes] | None = None) -> Path:
    """Make a CelebA-HQ folder; photos that are not given hold their own name."""
    put(root / ATTRIBUTE_FILE, attribute_text(present))
    for file in present:
        put(root / "CelebA-HQ-img" / file, (photos or {}).get(file, file.encode()))
    return root


def mapping_text(originals: Mapping[int, int]) -> str:
    """Return CelebA-HQ's mapping of its numbers to CelebA's, in its aligned columns."""
    rows = (f"{idx:<8}{orig - 1:<11}{orig:06d}.jpg" for idx, orig in originals.items())
    return "\n".join(["idx     orig_idx    orig_file", *rows]) + "\n"


def ffhq_entry(number: int, license_url: str) -> dict[str, object]:
    """Return what FFHQ's metadata say about a photo."""
    return {
        "category": "training",
        "metadata": {
            "photo_url": "https://www.flickr.com/photos/someone/1/",
            "photo_title": "DSC0001.JPG",
            "author": "Erika Mustermann",
            "country": "",
            "license": "a name",
            "license_url": license_url,
            "date_uploaded": "2007-08-16",
            "date_crawled": "2018-10-10",
        },
        "image": {
            "file_path": f"images1024x1024/{number // 1000 * 1000:05d}/{number:05d}.png",
            "pixel_size": [1024, 1024],
            "face_landmarks": [[131.6, 453.8], [128.6, 515.0]],
        },
    }


def ffhq_folder(root: Path, licenses: Mapping[int, str], photos: Mapping[int, bytes] | None = None) -> Path:
    """Make an FFHQ folder with metadata."""
    for number in licenses:
        name = f"{number // 1000 * 1000:05d}/{number:05d}.png"
        put(root / "images1024x1024" / name, (photos or {}).get(number, name.encode()))
    entries = {str(number): ffhq_entry(number, url) for number, url in licenses.items()}
    put(root / "ffhq-dataset-v2.json", json.dumps(entries))
    return root
