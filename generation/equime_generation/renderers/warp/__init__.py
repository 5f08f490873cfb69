"""The default renderer: Action Units as dense warps of the photo, on any CPU, with their motion known exactly."""

from equime_generation.renderers.warp.render import WarpRenderer

__all__ = ["WarpRenderer"]
