"""Random numbers of plans and pixels, all from keyed streams; evaluation draws from the same."""

from equime_builder.streams import key_of, stream

__all__ = ["key_of", "stream"]
