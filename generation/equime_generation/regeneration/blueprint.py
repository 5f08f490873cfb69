"""What a dataset folder, or a recipe release, says of how its clips were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from equime_builder.errors import DatasetError, UsageError
from equime_builder.layout import PLAN_FILE, REJECTS_FILE, SUBJECTS_FILE
from equime_builder.manifest import Manifest, stated_manifest
from equime_builder.records import Placement, Plan, Subject
from equime_builder.tables import read_plans, read_rejects, read_shards, read_subjects
from equime_generation.causal import retry
from equime_generation.config import RunConfig
from equime_generation.config_file import read_config


@dataclass(frozen=True)
class Blueprint:
    """The tables of one folder; all but the manifest are read when they are first asked for.

    Attributes:
        root: The folder.
        manifest: Of the whole dataset, whether its shards are there or not.
    """

    root: Path
    manifest: Manifest

    @classmethod
    def of(cls, root: Path) -> Blueprint:
        """Read what a folder says.

        Raises:
            DatasetMissingError: It is neither a dataset nor a recipe release.
            DatasetError: Its manifest is damaged.
        """
        return cls(root, stated_manifest(root))

    @cached_property
    def people(self) -> dict[str, tuple[Subject, Placement]]:
        """Each subject with its placement, by id."""
        return read_subjects(self.root / SUBJECTS_FILE)

    @cached_property
    def shards(self) -> dict[str, list[str]]:
        """Ids of the kept clips of each shard, in the order of its rows."""
        members: dict[str, list[str]] = {}
        for clip_id, shard in read_shards(self.root / PLAN_FILE).items():
            if clip_id not in self._dropped:
                members.setdefault(shard, []).append(clip_id)
        return members

    @cached_property
    def _attempts(self) -> tuple[dict[str, int], set[str]]:
        """Attempts of a clip that failed before the kept one, and the clips that were given up."""
        failed: dict[str, int] = {}
        dropped: set[str] = set()
        for reject in read_rejects(self.root / REJECTS_FILE):
            if reject.kind != "clip":
                continue
            failed[reject.id] = max(failed.get(reject.id, 0), reject.attempt + 1)
            if reject.final:
                dropped.add(reject.id)
        return failed, dropped

    @property
    def _dropped(self) -> set[str]:
        return self._attempts[1]

    def plans(self, shards: Collection[str]) -> dict[str, list[Plan]]:
        """Return the plans of the kept clips of some shards as their kept attempt, in the order of the rows.

        Raises:
            DatasetError: The table of plans is damaged.
        """
        shard_of = {clip_id: shard for shard in shards for clip_id in self.shards.get(shard, ())}
        found: dict[str, list[Plan]] = {shard: [] for shard in shards}
        for plan in read_plans(self.root / PLAN_FILE, shards=shards):
            if plan.clip_id in shard_of:
                kept = retry(plan, seed=self._seed, attempt=self._attempts[0].get(plan.clip_id, plan.attempt))
                found[shard_of[plan.clip_id]].append(kept)
        return found

    def people_of(self, plans: Iterable[Plan]) -> dict[str, tuple[Subject, Placement]]:
        """Return who is seen in some clips.

        Raises:
            DatasetError: Somebody is not in the table of subjects.
        """
        wanted = {plan.subject_id for plan in plans}
        unknown = sorted(wanted - set(self.people))
        if unknown:
            raise DatasetError(f"{SUBJECTS_FILE} lacks {', '.join(unknown[:5])}, who are planned; run equime verify")
        return {who: self.people[who] for who in self.people if who in wanted}

    def config(
        self, *, out: Path, workers: int = 0, engine: str = "local", address: str = "", model: str = ""
    ) -> RunConfig:
        """Return the configuration of the run, for the same clips in another place.

        Args:
            out: Where the clips go.
            workers, engine, address: Who works on them, as in `RunConfig`.
            model: Folder or file of the checkpoint, where it did not come from the Hub.

        Raises:
            UsageError: No run of this software has such a configuration.
        """
        here = {"out": str(out), "engine": engine, "address": address, "workers": workers}
        given: dict[str, Any] = {**self.manifest.config, **here, "attempts": 1}
        if isinstance(given.get("ltx"), Mapping) and model:
            given["ltx"] = {**given["ltx"], "model": model, "revision": ""}
        try:
            return read_config(None, given)
        except (UsageError, TypeError) as error:
            raise UsageError(f"the clips of {self.root} cannot be made again here: {error}") from error

    @property
    def _seed(self) -> int:
        seed = self.manifest.config.get("seed", 0)
        if type(seed) is not int:
            raise DatasetError(f"the seed of the configuration is {seed!r:.40}, no whole number; run equime verify")
        return seed
