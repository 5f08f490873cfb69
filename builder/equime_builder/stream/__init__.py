"""Clips into training loops: read from anywhere, mixed, decoded on the way, taken up again where one stopped."""

from equime_builder.stream.clip_stream import ClipStream
from equime_builder.stream.indexed import IndexedClips
from equime_builder.stream.loader import StreamLoader
from equime_builder.stream.opening import open_stream
from equime_builder.stream.progress import join_states

__all__ = ["ClipStream", "IndexedClips", "StreamLoader", "join_states", "open_stream"]
