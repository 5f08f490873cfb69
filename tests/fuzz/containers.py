"""Files taken apart and put together with damaged pieces, so that checks of outer layers do not hide the inner ones."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Final

from tests.fuzz.mutations import Material, hostile, mutated, mutated_json, mutated_tree

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_TYPES: Final = (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.CHRTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
    tarfile.GNUTYPE_SPARSE,
)


def mutated_png(random: Random, data: bytes, material: Material) -> bytes:
    """Damage any photo; of a PNG most often make the check sums right again."""
    data = mutated(random, data, material)
    return _with_checksums(data) if data.startswith(_PNG) and random.randint(0, 3) else data


def _with_checksums(data: bytes) -> bytes:
    out, at = [_PNG], len(_PNG)
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        body = data[at + 4 : at + 8 + size]
        out.append(data[at : at + 4] + body + struct.pack(">I", zlib.crc32(body)))
        at += 12 + size
    return b"".join(out)


def mutated_tar(random: Random, data: bytes, material: Material) -> bytes:
    """Damage members, their headers or the whole file of a tar archive."""
    if not random.randint(0, 2):
        return mutated(random, data, material)
    buffer = io.BytesIO()
    layout = random.choice((tarfile.PAX_FORMAT, tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=buffer, mode="w", format=layout) as new:
        members = old.getmembers()
        unlucky = random.randint(0, len(members) - 1)
        for number, member in enumerate(members):
            file = old.extractfile(member)
            content = b"" if file is None else file.read()
            if number == unlucky:
                member, content = _unlike(random, member, content, material)
            try:
                new.addfile(member, io.BytesIO(content))
            except (ValueError, OSError, TypeError, AttributeError, struct.error):
                continue  # no tar file can say so
    return buffer.getvalue()


def _unlike(
    random: Random, member: tarfile.TarInfo, content: bytes, material: Material
) -> tuple[tarfile.TarInfo, bytes]:
    action = random.randint(0, 6)
    if action <= 1 and member.name.endswith(".json"):
        content = mutated_json(random, content, material)
        member.size = len(content)
    elif action <= 2:
        content = mutated(random, content, material)
        member.size = len(content)
    elif action == 3:
        member.name = str(random.choice((*material.words, "x/" * 300 + "a.json", "a.mp4", "\x00", "a\n.json")))
    elif action == 4:
        member.type, member.linkname = random.choice(_TYPES), random.choice(material.words)
    elif action == 5:
        member.pax_headers = {random.choice(_PAX): str(hostile(random, material))[:300].replace("\ud800", "")}
    else:
        member.size = random.choice((0, 1, len(content) + 1, 2**33, 2**40))
    return member, content


_PAX: Final = (
    "path", "size", "GNU.sparse.map", "GNU.sparse.size", "GNU.sparse.major", "GNU.sparse.name", "mtime", "hdrcharset",
    "GNU.sparse.realsize", "GNU.sparse.numblocks", "linkpath", "uid",
)  # fmt: skip


def mutated_zip(random: Random, data: bytes, material: Material) -> bytes:
    """Damage members or the whole file of a zip archive, such as a workbook."""
    if not random.randint(0, 2):
        return mutated(random, data, material)
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        unlucky = random.choice(names)
        for name in names:
            content = old.read(name)
            if name == unlucky:
                content = mutated(random, content, material)
                name = random.choice((name, name, name, *material.words))
            new.writestr(name, content)
    return buffer.getvalue()


def mutated_safetensors(random: Random, data: bytes, material: Material) -> bytes:
    """Damage the header's values, or the whole file."""
    if not random.randint(0, 2):
        return mutated(random, data, material)
    size = int.from_bytes(data[:8], "little")
    tree = mutated_tree(random, json.loads(data[8 : 8 + size]), material)
    header = json.dumps(tree).encode()
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def mutated_lines(separator: bytes) -> Callable[[Random, bytes, Material], bytes]:
    """Return what damages cells of a text table, whole lines, or its bytes."""

    def mutate(random: Random, data: bytes, material: Material) -> bytes:
        if not random.randint(0, 3):
            return mutated(random, data, material)
        lines = [line.split(separator) for line in data.splitlines()]
        for _ in range(random.randint(1, 4)):
            line = random.choice(lines)
            place = random.randint(0, len(line))
            cell = str(hostile(random, material)).encode("utf-8", "surrogatepass")
            line[place : place + random.choice((0, 1, 1, 1))] = [random.choice((cell, b'"' + cell, b""))]
        return b"\n".join(separator.join(line) for line in lines)

    return mutate
