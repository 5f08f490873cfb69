"""The clips of a dataset measured once more, and held against what their rows say was measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from equime_builder.errors import MediaError
from equime_builder.findings import Finding
from equime_builder.layout import tar_twin
from equime_builder.pool import in_order
from equime_builder.reading import read_rows
from equime_builder.rows import Row
from equime_builder.spot_check import EVERY_CLIP, SpotCheck, spot_check_of
from equime_builder.store import Store
from equime_builder.store_look import Looked, at_hand
from equime_builder.tars import read_tar
from equime_evaluation.clips.pool import keep_to_one_thread
from equime_generation.regeneration import Means
from equime_generation.regeneration.assembly import columns_of
from equime_generation.regeneration.blueprint import Blueprint
from equime_generation.regeneration.comparison import measured_in, motion_faults
from equime_generation.regeneration.regenerate import keep_faces
from equime_generation.truth import plan_of
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_builder.records import Measured
    from equime_generation.faces import Face
    from equime_generation.progress import Watch
    from equime_generation.renderers.warp import WarpRenderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Remeasured:
    """What became of clips that were measured once more.

    Attributes:
        clips: Measured now; those whose rows say that nobody measured them are passed over.
        findings: Of rule ``measured``, where the two measurements differ by more than
            `equime_generation.regeneration.comparison` calls equal.
        motion_px: Largest difference of a largest motion, in pixels; ``None`` = no motion was compared.
    """

    clips: int
    findings: tuple[Finding, ...]
    motion_px: float | None


def remeasure(
    root: Path,
    means: Means,
    watch: Watch,
    *,
    sample: str | None = None,
    skip: Collection[str] = (),
    workers: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
    store: Store | None = None,
) -> Remeasured:
    """Decode clips, look for their planned motion, and hold what is found against their rows; nothing is written.

    Args:
        means: Where the photos are: the planned motion is a person's own.
        sample: As for `equime_builder.verify.verify`, which chooses the same clips; ``None`` = all.
        skip: Paths of shards that are known to be damaged.
        workers: Processes; the result is the same with any number.
        store: Where the shards are, as for `equime_builder.verify.verify`.

    Raises:
        UsageError: A source or the sample cannot be used.
        PhotoError: A photo is missing or has changed.
        DatasetError: A table or a shard cannot be read.
        TransferError, OutputError: The store does not give a file.
    """
    blueprint, looked = Blueprint.of(root), Looked(root, store)
    check = EVERY_CLIP if sample is None else spot_check_of(looked, blueprint.manifest, sample)
    files = {shard: path for shard in blueprint.shards if (path := _file_of(root, shard)) and path not in skip}
    plans = [plan for own in blueprint.plans(blueprint.shards).values() for plan in own if check.holds(plan.clip_id)]
    with tempfile.TemporaryDirectory(prefix="equime-measure-") as folder:
        keep_faces(blueprint, plans, Path(folder), means, watch)
        shards = [
            _Shard(looked=looked, name=name, path=path, check=check, faces=folder) for name, path in files.items()
        ]
        found = in_order(_remeasure_shard, shards, workers=min(workers, len(shards)) or 1, begin=keep_to_one_thread)
        results = []
        for done, shard in enumerate(shards):
            if progress is not None:
                progress(done, len(shards), shard.path)
            results.append(next(found))
    return Remeasured(
        clips=sum(one.clips for one in results),
        findings=tuple(finding for one in results for finding in one.findings),
        motion_px=max((one.motion_px for one in results if one.motion_px is not None), default=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shard:
    """A file whose clips a process measures.

    Attributes:
        name: Path of the Parquet shard, whether it is there or not.
        path: Of the file that holds the clips, relative to the folder.
        faces: Folder of a workspace that holds the faces.
    """

    looked: Looked
    name: str
    path: str
    check: SpotCheck
    faces: str


def _file_of(root: Path, shard: str) -> str | None:
    return next((path for path in (shard, tar_twin(shard)) if (root / path).is_file()), None)


def _remeasure_shard(shard: _Shard) -> Remeasured:
    with at_hand(shard.looked, shard.path) as path:
        return _remeasure_file(path, shard)


def _remeasure_file(path: Path, shard: _Shard) -> Remeasured:
    findings: list[Finding] = []
    clips, apart_px = 0, []
    for row in _rows(path, shard):
        clips += 1
        for then, now in zip_longest(measured_in(row), _measured_now(row, shard.faces)):
            details = (f"clip {row['id']!r}: {fault}" for fault in motion_faults(then, now))
            findings += [Finding(file=shard.path, rule="measured", detail=detail) for detail in details]
            if then and now and None not in (then["motion_px"], now["motion_px"]):
                apart_px.append(abs(then["motion_px"] - now["motion_px"]))
    return Remeasured(clips=clips, findings=tuple(findings), motion_px=max(apart_px, default=None))


def _rows(path: Path, shard: _Shard) -> Iterator[Row]:
    """Yield the rows that are to be measured: those of the sample whose movements were measured before."""
    columns = columns_of(shard.name)
    rows = read_rows(path, columns) if shard.path == shard.name else read_tar(path, columns)
    return (row for row in rows if shard.check.holds(row["id"]) and any(measured_in(row)))


def _measured_now(row: Row, faces: str) -> list[Mapping[str, Any] | None]:
    try:
        return [asdict(one) for one in _measure(row, faces)]
    except MediaError:
        return [None for _ in measured_in(row)]  # does not decode, or shows nothing: a difference to what was measured


def _measure(row: Row, faces: str) -> list[Measured]:
    from equime_evaluation.motion import measure, measure_events
    from equime_generation.renderers import Job

    plan, data = plan_of(row["recipe"]), row["video"]["bytes"]
    face = _face_of(faces, row["subject_id"])
    fields = _renderer().truth(Job(face=face, plan=plan)).probe()
    if plan.events:
        spans = [(event.onset_frame, event.offset_frame) for event in plan.events]
        return list(measure_events(data, fields, spans, interocular_px=face.interocular_px).events)
    return [measure(data, fields, interocular_px=face.interocular_px, negative=not plan.aus)]


@cache
def _renderer() -> WarpRenderer:
    """Return the renderer that knows where a plan moves a face, whoever made the clip."""
    from equime_generation.renderers.warp import WarpRenderer

    return WarpRenderer()


@lru_cache(maxsize=64)
def _face_of(faces: str, subject_id: str) -> Face:
    return Workspace(Path(faces)).face(subject_id)
