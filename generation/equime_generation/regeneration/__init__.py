"""Clips, shards and whole datasets made again from their recipes, wherever the photos are."""

from equime_generation.regeneration.regenerate import Means, check_again, regenerate
from equime_generation.regeneration.report import Redone, Regenerated

__all__ = ["Means", "Redone", "Regenerated", "check_again", "regenerate"]
