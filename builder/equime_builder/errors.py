"""Errors that a user can act on; each says the rule, the value, the choices and the next step.

EquimeError
├── UsageError          (ValueError)         an option or argument that cannot be used
├── PhotoError          (ValueError)         a photo that cannot be read or was refused
├── MediaError          (ValueError)         a video that cannot be encoded or decoded
├── DatasetError        (ValueError)         a dataset folder that is wrong inside
├── DatasetMissingError (FileNotFoundError)  no dataset where one was looked for
├── TransferError       (ConnectionError)    another machine that does not deliver or take bytes
├── OutputError         (OSError)            a place that cannot be written
└── MissingExtraError   (ImportError)        an optional package that is not installed
"""

from __future__ import annotations

import importlib
from types import ModuleType


class EquimeError(Exception):
    """Base of all errors that EquiME raises on purpose."""


class UsageError(EquimeError, ValueError):
    """An option, argument or configuration value cannot be used."""


class PhotoError(EquimeError, ValueError):
    """A photo cannot be read, or the gate refused it."""


class MediaError(EquimeError, ValueError):
    """A video cannot be encoded or decoded."""


class DatasetError(EquimeError, ValueError):
    """A dataset folder contradicts its manifest or its schema."""


class DatasetMissingError(EquimeError, FileNotFoundError):
    """No dataset stands where one was looked for."""


class TransferError(EquimeError, ConnectionError):
    """Another machine does not deliver or take the bytes of a dataset, now."""


class OutputError(EquimeError, OSError):
    """A file or folder cannot be written."""


class MissingExtraError(EquimeError, ImportError):
    """An optional package is needed and not installed."""


def choose(what: str, value: str, choices: tuple[str, ...] | list[str]) -> str:
    """Return ``value`` if it is one of ``choices``.

    Args:
        what: The noun for the message, for example ``"emotion"``.
        value: What the user gave.
        choices: What may be given.

    Raises:
        UsageError: ``value`` is not among ``choices``; the message lists them.
    """
    if value not in choices:
        raise UsageError(f"{what} {value!r} is unknown; choose from: {', '.join(choices)}")
    return value


def need(module: str, *, extra: str) -> ModuleType:
    """Import an optional module.

    Args:
        module: Dotted module name.
        extra: The extra of this distribution that brings it.

    Raises:
        MissingExtraError: The module is not installed; a module that is there but broken raises its own error.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        raise MissingExtraError(
            f'{module!r} is needed here and not installed; run: pip install "equime[{extra}]"'
        ) from error
