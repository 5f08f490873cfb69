"""The audit as a page to look at: one file, no network, light and dark."""

from equime_evaluation.equity.page.writing import write_page

__all__ = ["write_page"]
