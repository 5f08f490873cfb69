"""Can a classifier that sees no motion tell what it should not: the apex from rest, one emotion from another?

Synthetic clips may betray their events by sharpness, noise, brightness or bytes, and a model trained on them would
learn that in place of the expression. Here such a model is trained on purpose, on everything a single frame shows
beside its motion, and judged on people that it has not seen.
"""

from equime_evaluation.shortcuts.classifier import Finding, shortcut_auc
from equime_evaluation.shortcuts.frames import FEATURES, frame_features
from equime_evaluation.shortcuts.ranking import auc
from equime_evaluation.shortcuts.regions import Regions, regions_of
from equime_evaluation.shortcuts.tasks import CLIP_FEATURES, Samples, WatchedClip, apex_task, emotion_task

__all__ = [
    "CLIP_FEATURES",
    "FEATURES",
    "Finding",
    "Regions",
    "Samples",
    "WatchedClip",
    "apex_task",
    "auc",
    "emotion_task",
    "frame_features",
    "regions_of",
    "shortcut_auc",
]
