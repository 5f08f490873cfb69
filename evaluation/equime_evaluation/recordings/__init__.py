"""Clips with labels, from EquiME's own folders and from recorded datasets as their owners distribute them."""

from equime_evaluation.recordings.reading import SOURCES, open_source
from equime_evaluation.recordings.recording import Frames, Listing, Recording

__all__ = ["SOURCES", "Frames", "Listing", "Recording", "open_source"]
