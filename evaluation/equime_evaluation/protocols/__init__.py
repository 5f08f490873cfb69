"""How recognition, spotting and question answering are scored, and who may be trained on; checked by hand."""

from equime_evaluation.protocols.classes import CLASS_SETS, ClassSet
from equime_evaluation.protocols.composite import Composite, composite
from equime_evaluation.protocols.folds import Fold, k_folds, leave_one_group_out, leave_one_person_out, own_splits
from equime_evaluation.protocols.groups import GroupReport, group_report
from equime_evaluation.protocols.recognition import Recognition, score_recognition
from equime_evaluation.protocols.spotting import Interval, Spotting, score_spotting, spot_then_recognize
from equime_evaluation.protocols.vqa import VqaScores, score_answers

__all__ = [
    "CLASS_SETS",
    "ClassSet",
    "Composite",
    "Fold",
    "GroupReport",
    "Interval",
    "Recognition",
    "Spotting",
    "VqaScores",
    "composite",
    "group_report",
    "k_folds",
    "leave_one_group_out",
    "leave_one_person_out",
    "own_splits",
    "score_answers",
    "score_recognition",
    "score_spotting",
    "spot_then_recognize",
]
