"""The app in the browser: make one clip, browse a dataset, review it, see who is shown; for this machine alone."""

from equime_generation.app.serving import serve

__all__ = ["serve"]
