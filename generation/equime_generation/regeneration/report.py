"""What came of making shards again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from equime_generation.regeneration.comparison import Compared

ShardVerdict = Literal["identical", "equal", "different", "uncompared"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """One shard, or some clips of it, made again.

    Attributes:
        verdict: ``identical`` = the very bytes; ``equal`` and ``different`` as in
            `equime_generation.regeneration.comparison`; ``uncompared`` = other bytes, and nothing was left to hold
            them against.
        clips: Made again.
        compared: Clips that are not identical.
        dropped: Clips that the screen refused here, with the reason.
    """

    shard: str
    verdict: ShardVerdict
    clips: int
    compared: tuple[Compared, ...] = ()
    dropped: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return the fields, ready for JSON."""
        clips = [{"verdict": clip.verdict, **asdict(clip)} for clip in self.compared]
        return {**asdict(self), "dropped": dict(self.dropped), "compared": clips}


@dataclass(frozen=True, slots=True, kw_only=True)
class Regenerated:
    """Shards made again.

    Attributes:
        shards: In their order.
        installed: Files that were put into the folder.
        is_whole: Whether the folder holds all that its manifest lists now; a check leaves it open.
    """

    shards: tuple[Redone, ...]
    installed: tuple[str, ...] = ()
    is_whole: bool | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing differs."""
        return all(shard.verdict != "different" for shard in self.shards)

    @property
    def counts(self) -> Counter[str]:
        """Shards by verdict."""
        return Counter(shard.verdict for shard in self.shards)

    @property
    def differences(self) -> Counter[str]:
        """Clips by what is not the same in them."""
        return Counter(line for shard in self.shards for clip in shard.compared for line in clip.differences)


def verdict_of(compared: Iterable[Compared], dropped: Mapping[str, str]) -> ShardVerdict:
    """Return the verdict of a shard or of some of its clips: that of the worst clip."""
    verdicts = {clip.verdict for clip in compared} | ({"different"} if dropped else set())
    worst: tuple[ShardVerdict, ...] = ("different", "equal", "identical")
    return next((verdict for verdict in worst if verdict in verdicts), "identical")
