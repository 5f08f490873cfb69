"""Datasets in the layouts that other readers expect: one module a layout, one table of them."""

from equime_builder.export.exporting import FORMATS, Exported, export_dataset

__all__ = ["FORMATS", "Exported", "export_dataset"]
