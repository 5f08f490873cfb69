"""Equity audited with numbers: representation, association with demographics, counterfactual gaps."""

from equime_evaluation.equity.audit import Audit, Repeats, audit

__all__ = ["Audit", "Repeats", "audit"]
