"""Clips that most of their reviewers rejected leave a dataset folder."""

from __future__ import annotations

from pathlib import Path

from equime_builder.dropping import drop_clips
from equime_builder.layout import PLAN_FILE
from equime_builder.manifest import dataset_root
from equime_builder.publish import remove_tree, sweep
from equime_builder.removal import Removed
from equime_builder.tables import read_shards
from equime_evaluation.equity.page.writing import AUDIT_FOLDER
from equime_evaluation.reviews import Verdict, hold_reviews, read_reviews, verdicts
from equime_generation.claim import hold


def drop_rejected(root: Path) -> Removed:
    """Drop the clips that more than half of their reviewers rejected; their plans and reviews stay.

    They count as clips that the screen dropped do, so that whoever pushes, audits or regenerates the folder finds them
    left out, and told. The same folder gives the same bytes; killed anywhere, the same call goes on.

    Raises:
        DatasetMissingError: There is no dataset folder.
        UsageError: No clip would be left, or another run is at the folder.
        DatasetError: A file is damaged.
        OutputError: The folder cannot be written.
    """
    with hold(dataset_root(root)) as workspace:
        with hold_reviews(root):
            sweep(root)
            planned = read_shards(root / PLAN_FILE)
            voted = [one for one in verdicts(read_reviews(root)) if one.is_rejected and one.clip_id in planned]
        removed = Removed(clips=0, changed=(), removed=())
        if voted:
            removed = drop_clips(root, {verdict.clip_id: _detail(verdict) for verdict in voted})
            remove_tree(root / AUDIT_FOLDER)  # its figures are of more clips
    workspace.discard()
    return removed


def _detail(verdict: Verdict) -> str:
    return f"{verdict.rejected} of {verdict.kept + verdict.rejected} reviewers rejected it"
