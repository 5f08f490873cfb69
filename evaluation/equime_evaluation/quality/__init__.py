"""Quality of anybody's clips: PSNR, SSIM, total variation, BRISQUE, CLIP-IQA, size, duration and bitrate."""

from equime_evaluation.quality.evaluation import Evaluation, evaluate
from equime_evaluation.quality.instruments import Instruments
from equime_evaluation.quality.readings import COLUMNS, PUBLISHED, ClipQuality
from equime_evaluation.quality.weights import find_brisque

__all__ = ["COLUMNS", "PUBLISHED", "ClipQuality", "Evaluation", "Instruments", "evaluate", "find_brisque"]
