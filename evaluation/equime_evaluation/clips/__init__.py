"""Anybody's clips: found in folders, files and datasets, decoded frame by frame, worked off by processes, resumable."""

from equime_evaluation.clips.clip import Clip
from equime_evaluation.clips.finding import Found, find_clips
from equime_evaluation.clips.journal import Journal
from equime_evaluation.clips.pool import work_off
from equime_evaluation.clips.reel import Reel, open_reel

__all__ = ["Clip", "Found", "Journal", "Reel", "find_clips", "open_reel", "work_off"]
