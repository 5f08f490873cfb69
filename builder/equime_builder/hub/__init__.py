"""Dataset folders and recipe releases, to the Hub and from it."""

from equime_builder.hub.pull import Pulled, pull
from equime_builder.hub.push import Pushed, push

__all__ = ["Pulled", "Pushed", "pull", "push"]
