"""Age, gender, ethnicity and emotion as models see them, frame by frame, and what a clip's frames agree on.

Estimates are no facts about people: they stand in tables of their own, with the tool that made them, and never in the
columns of what was declared.
"""

from equime_evaluation.attributes.analysis import Analysis, analyse
from equime_evaluation.attributes.choice import ANALYSERS, Choice
from equime_evaluation.attributes.estimate import ClipAttributes, FaceEstimate
from equime_evaluation.attributes.vote import vote

__all__ = ["ANALYSERS", "Analysis", "Choice", "ClipAttributes", "FaceEstimate", "analyse", "vote"]
