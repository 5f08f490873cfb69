"""Calls to other machines: again after what may pass, and not after what will not."""

from __future__ import annotations

import errno
import random
import sys
import time
from collections.abc import Callable
from typing import Final, TypeVar

ATTEMPTS: Final = 7
"""Times that a call is tried; with the waits between them a store may be away for about half a minute."""
WAIT_S: Final = 0.5
"""Wait before the second attempt; it doubles from then on, give or take a half, so that many do not return at once."""
STALL_S: Final = 60.0
"""Silence after which a call counts as failed."""
SLOWEST_BYTES_PER_S: Final = 2**18
"""A transfer that is slower than this counts as stalled."""

_LASTING: Final = frozenset(
    getattr(errno, name, None)
    for name in ("EINVAL", "EPERM", "EACCES", "ENAMETOOLONG", "EMSGSIZE", "EREMCHG", "ENOSYS", "ENOSPC")
) - {None}
"""Codes of a wrong request, a refusal, a moved place (`s3fs` says EREMCHG), or a full disk on this side."""
_LASTING_KINDS: Final = (
    FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError, NotImplementedError,
)  # fmt: skip
_LASTING_NAMES: Final = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "ParamValidationError", "UnknownServiceError"}
)
_T = TypeVar("_T")


def patiently(call: Callable[[], _T], *, attempts: int | None = None) -> _T:
    """Return what a call returns, trying again after errors that may pass.

    Args:
        attempts: ``None`` = `ATTEMPTS`; 1 for a library that tries again by itself.

    Raises:
        BaseException: The last error, as the library raised it.
    """
    left = ATTEMPTS if attempts is None else attempts
    wait_s = WAIT_S
    while True:
        left -= 1
        try:
            return call()
        except Exception as error:
            if not left or not may_pass(error):
                raise
        time.sleep(wait_s * random.uniform(0.5, 1.5))
        wait_s *= 2


def may_pass(error: BaseException) -> bool:
    """Tell whether an error is one of the way to another machine, or of its load, and trying again may help."""
    if isinstance(error, _LASTING_KINDS) or type(error).__name__ in _LASTING_NAMES:
        return False
    return isinstance(error, transport_errors()) and getattr(error, "errno", None) not in _LASTING


def transport_errors() -> tuple[type[BaseException], ...]:
    """Return what the libraries that were loaded raise where another machine does not answer as it should."""
    names: dict[str, str] = {
        "httpx2": "HTTPError",
        "httpx": "HTTPError",
        "aiohttp": "ClientError",
        "botocore.exceptions": "BotoCoreError",
    }
    loaded = [getattr(sys.modules[module], name) for module, name in names.items() if module in sys.modules]
    return (OSError, TimeoutError, *loaded)
