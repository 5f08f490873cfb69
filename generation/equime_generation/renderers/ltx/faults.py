"""What can go wrong with a diffusion model before or while it renders, each in one message that says what to do."""

from __future__ import annotations

from equime_builder.errors import EquimeError


class CheckpointError(EquimeError, ValueError):
    """The model's files are missing, broken, unsafe or of another kind."""


class DeviceError(EquimeError, RuntimeError):
    """The machine has no device that could run the model."""


class OutOfMemory(EquimeError, MemoryError):  # noqa: N818
    """The device ran out of memory; the same clips may fit in smaller batches.

    Attributes:
        batch_size: Clips computed at once when it happened.
    """

    def __init__(self, batch_size: int, detail: str) -> None:
        super().__init__(
            f"the device ran out of memory with batches of {batch_size}: {detail}; "
            + (f"try a batch size of {batch_size // 2}" if batch_size > 1 else "choose a smaller memory preset")
        )
        self.batch_size = batch_size
