"""The page of a run's results: nothing is loaded, nothing runs, no server is needed."""

from equime_evaluation.baselines.page.writing import PAGE_FILE, page, write_page

__all__ = ["PAGE_FILE", "page", "write_page"]
