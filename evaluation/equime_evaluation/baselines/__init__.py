"""Baselines of micro-expression recognition: set-ups, training on some people, and scores on others."""

from equime_evaluation.baselines.results import Results
from equime_evaluation.baselines.run import Request, run_baseline
from equime_evaluation.baselines.setup import Setup, built_in_setups, read_setup

__all__ = ["Request", "Results", "Setup", "built_in_setups", "read_setup", "run_baseline"]
