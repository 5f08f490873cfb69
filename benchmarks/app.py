"""How quickly the app shows an apex, makes a clip, and opens and filters a large dataset.

Seconds are CPU seconds of this process, so that other work on the machine does not count; they include what a visitor
waits for on the server, and not the browser.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, cpu_s

if TYPE_CHECKING:
    from equime_generation.app.workbench import Workbench

CLIPS = 100_000
CLIPS_A_SHARD = 1000
VIDEO_BYTES = 2000
REPEATS = 15


def figures() -> Iterator[Figure]:
    from equime_generation.app.workbench import Workbench

    bench = Workbench()
    try:
        yield from _making(bench)
    finally:
        bench.close()
    with TemporaryDirectory() as scratch:
        yield from _browsing(Path(scratch) / "equime")


def _making(bench: Workbench) -> Iterator[Figure]:
    from equime_builder.facs import SIDES
    from equime_generation.app.pictures import picture
    from equime_generation.app.result import result_of
    from equime_generation.app.wishes import MOVABLE, Wish, plan_of

    chance = random.Random(0)
    faces = [bench.person(name) for name in list(bench.people)[:2]]

    def wish() -> Wish:
        units = {(chance.choice(MOVABLE), side): chance.uniform(0.1, 0.4) for side in SIDES}
        return Wish(emotion="fear", strengths=units, onset_frame=60, rise_frames=4, release_frames=5)

    def show(number: int) -> None:
        face = faces[number]
        picture(bench.apex(face, plan_of(wish(), face.subject.id)), "apex")

    first = cpu_s(lambda: show(0))
    yield _seconds("app_apex_new_face", first, 1.0, "first picture of a face: its rig is made")
    yield _seconds("app_apex", cpu_s(lambda: show(0), repeats=REPEATS), 0.5, f"two units moved, median of {REPEATS}")

    def make() -> None:
        plan = plan_of(wish(), faces[1].subject.id)
        result_of(bench.make(faces[1], plan, lambda share, what: None))

    show(1)
    yield _seconds("app_clip", cpu_s(make, repeats=3), 5.0, "rendered, encoded, measured and shown, median of 3")


def _browsing(root: Path) -> Iterator[Figure]:
    from equime_generation.app.browse import Browser, choice_of
    from equime_generation.app.shelf import Shelf

    _write_large(root)
    detail = f"{CLIPS} clips in {CLIPS // CLIPS_A_SHARD} shards"
    yield _seconds("app_open_100000", cpu_s(lambda: Shelf(root)), 10.0, detail)
    browser = Browser(root)
    wanted: tuple[Any, ...] = (["fear"], [4], [], "female", "any", "any", 0.5, 0.5, "smallest motion first")
    assert len(browser.shelf.chosen(choice_of(*wanted))) > 0
    yield _seconds(
        "app_filter_100000", cpu_s(lambda: browser.first_page(*wanted), repeats=REPEATS), 0.2, f"one page of {detail}"
    )


def _write_large(root: Path) -> None:
    """Write a folder of many short rows, the same ones in each shard, under a manifest that names them."""
    import pyarrow.parquet as pq

    from equime_builder.layout import shard_path
    from equime_builder.manifest import entry_of, read_manifest, write_manifest
    from equime_builder.rows import table_of
    from tests.samples import build_tiny_dataset, byte_row

    build_tiny_dataset(root, root.parent)
    paths = [shard_path("fear", "train", 100 + number) for number in range(CLIPS // CLIPS_A_SHARD)]
    pq.write_table(table_of([byte_row(row, b"\0" * VIDEO_BYTES) for row in range(CLIPS_A_SHARD)]), root / paths[0])
    for path in paths[1:]:
        shutil.copy(root / paths[0], root / path)
    stated = read_manifest(root)
    write_manifest(root, replace(stated, files=(*stated.files, *(entry_of(root, path) for path in paths))))


def _seconds(name: str, value: float, target: float, detail: str) -> Figure:
    return Figure(name=name, value=value, unit="CPU s", target=target, better="lower", detail=detail)
