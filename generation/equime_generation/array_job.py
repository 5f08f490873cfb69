"""One of n jobs that share an output folder: none waits for the others, and the last one out finishes the dataset."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from equime_builder.publish import sweep
from equime_generation.claim import claim, hold
from equime_generation.finish import finish, summary_of
from equime_generation.progress import ShareDone, Summary
from equime_generation.run import Drawn, draw, settle, work_off
from equime_generation.shares import FolderBusyError, Share
from equime_generation.workspace import Workspace

if TYPE_CHECKING:
    from equime_generation.config import RunConfig
    from equime_generation.progress import Watch


def render_share(config: RunConfig, watch: Watch) -> Summary | ShareDone:
    """Render every n-th part of a run, and what only one can do if every part is there and no other job is at work.

    Killed, the same call goes on. Each job lets go of the folder before it looks whether it can have it alone, so that
    of jobs that end together the last one can.

    Args:
        config: Of the run, with ``shard``; all jobs have the same otherwise.

    Raises:
        FolderBusyError: An ordinary run or another job of this share is at work in the folder.
        UsageError, PhotoError, OutputError: As `equime_generation.run.render_dataset`.
    """
    config, share = settle(config, watch.stage), Share.parse(config.shard)
    with claim(config) as workspace:
        drawn = draw(config, workspace, watch)
        if workspace.is_finished:
            return summary_of(workspace, already_whole=True)
        work_off(share.of(drawn.parts), config, watch)
    _finish_if_last(config, drawn, watch)
    place = Workspace.at(config.out)
    there = {part.name for part in place.committed(drawn.parts)}
    missing = [number for number, part in enumerate(drawn.parts) if part.name not in there]
    if place.is_finished:  # parts go only after that is so
        return summary_of(place)
    shares = Counter(str(Share(number % share.count + 1, share.count)) for number in missing)
    return ShareDone(out=place.name, shard=config.shard, parts=len(share.of(drawn.parts)), missing=shares)


def _finish_if_last(config: RunConfig, drawn: Drawn, watch: Watch) -> None:
    place = Workspace.at(config.out)
    try:
        with hold(place.out) as workspace:
            if not workspace.is_finished and len(workspace.committed(drawn.parts)) == len(drawn.parts):
                sweep(workspace.out)
                watch.stage("writing shards, tables, card and gallery")
                finish(workspace, config, drawn)
    except FolderBusyError:
        return
    finally:
        if place.is_finished:
            place.discard()
