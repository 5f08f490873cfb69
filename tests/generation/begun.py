"""Runs of which most parts are done: those are taken from a whole run, so that little is rendered."""

from __future__ import annotations

from equime_builder.flow import read_frames
from equime_builder.layout import flow_twin
from equime_builder.reading import read_rows
from equime_builder.splits import assign
from equime_builder.tables import read_rejects, read_subjects
from equime_generation.claim import claim, pin_photos
from equime_generation.config import RunConfig
from equime_generation.parts import Part, cut_into_parts
from equime_generation.run import draw_plans
from tests.generation.conftest import Ran


def begin_run(config: RunConfig, whole: Ran, *, missing: int) -> list[Part]:
    """Begin a run of the clips of a whole one, and return the first parts, which are not done."""
    people = [subject for subject, _ in read_subjects(whole.out / "subjects.parquet").values()]
    parts = list(cut_into_parts(draw_plans(config, people), assign(people), config))
    dropped = list(read_rejects(whole.out / "rejects.parquet"))
    with claim(config) as workspace:
        pin_photos(workspace, people)
        for part in parts[missing:]:
            ids = {plan.clip_id for plan in part.plans}
            flow = whole.out / flow_twin(part.shard)
            workspace.commit_part(
                part,
                rows=list(read_rows(whole.out / part.shard, part.columns)),
                rejects=[reject for reject in dropped if reject.kind == "clip" and reject.id in ids],
                flow=list(read_frames(flow)) if flow.exists() else [],
            )
    return parts[:missing]
