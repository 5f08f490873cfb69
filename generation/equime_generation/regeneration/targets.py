"""Which clips a user means: a shard, a split, an emotion, a clip, or all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from equime_builder.errors import UsageError
from equime_builder.layout import place_of, spotting_split_of
from equime_builder.records import SPOTTING
from equime_builder.streams import key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Clips of one shard.

    Attributes:
        shard: Path of the Parquet shard, relative to the folder, as the table of plans names it.
        clips: Those that are made again.
        is_whole: Whether they are all that the shard holds.
    """

    shard: str
    clips: tuple[str, ...]
    is_whole: bool


def targets_of(words: Sequence[str], shards: Mapping[str, Sequence[str]]) -> list[Target]:
    """Return what some words name, each shard once, in the order of the shards.

    Args:
        words: Paths of shards, splits (``test``), emotions (``fear``), both (``fear/test``) or clip ids; none = all.
        shards: Clips of each shard.

    Raises:
        UsageError: A word names nothing.
    """
    shard_of = {clip: shard for shard, clips in shards.items() for clip in clips}
    chosen: dict[str, set[str]] = {}
    for word in words or ["all"]:
        named = [shard for shard in shards if word in _names_of(shard)]
        if named:
            chosen |= {shard: set(shards[shard]) for shard in named}
        elif word in shard_of:
            chosen.setdefault(shard_of[word], set()).add(word)
        else:
            places = sorted({name for shard in shards for name in _names_of(shard)} - {*shards})
            raise UsageError(
                f"{word!r} names no shard and no clip; choose from: {', '.join(places)}, "
                "or give the path of a shard or the id of a clip that was kept"
            )
    return [_target(shard, clips, chosen[shard]) for shard, clips in shards.items() if shard in chosen]


def sampled(targets: Sequence[Target], count: int, *, seed: int) -> list[Target]:
    """Return ``count`` of the clips of some targets, always the same ones; all where there are no more."""
    every = [clip for target in targets for clip in target.clips]
    chosen = set(sorted(every, key=lambda clip: key_of(seed, clip, "sample"))[:count])
    kept = [(target.shard, target.clips, chosen & set(target.clips)) for target in targets]
    return [_target(*one) for one in kept if one[2]]


def _target(shard: str, clips: Sequence[str], chosen: Collection[str]) -> Target:
    return Target(
        shard=shard, clips=tuple(clip for clip in clips if clip in chosen), is_whole=len(chosen) == len(clips)
    )


def _names_of(shard: str) -> tuple[str, ...]:
    emotion, split = place_of(shard) or (SPOTTING, spotting_split_of(shard) or "")
    return "all", shard, emotion, split, f"{emotion}/{split}"
