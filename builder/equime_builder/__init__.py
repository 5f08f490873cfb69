"""Rows to shards, shards to a dataset folder, and back into training batches. Knows no renderer."""

__version__ = "0.1.0"
