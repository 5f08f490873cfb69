"""The page served on this machine, to this machine alone."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from equime_builder.errors import UsageError
from equime_generation.app.look import STYLE_SHEET, theme
from equime_generation.app.pages import build_app
from equime_generation.app.player import SCRIPT
from equime_generation.photos import MAX_PHOTO_BYTES

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK: Final = "127.0.0.1"
_OWN_NAMES: Final = (LOOPBACK, "localhost")
"""Names under which the page answers: a foreign name that leads here (DNS rebinding) gets nothing."""

_ENDINGS: Final = {getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}


def serve(folder: Path | None, *, port: int | None, opened: Callable[[str], None], browser: bool = False) -> None:
    """Serve the app until the process is interrupted; uploads lie in a folder of its own, which goes with it.

    Args:
        folder: An open dataset folder; ``None`` = there is none.
        port: ``None`` = the first free one from 7860 on.
        opened: Told the address once the page answers.
        browser: Whether to open it in the default browser.

    Raises:
        MissingExtraError: Gradio is not installed.
        UsageError: The port is taken.
    """
    with tempfile.TemporaryDirectory(prefix="equime-app-") as uploads:
        # Gradio reads both while it is imported; it reports to its makers unless it is told not to.
        os.environ.update(GRADIO_TEMP_DIR=uploads, GRADIO_ANALYTICS_ENABLED="False")
        page = build_app(folder)
        try:
            _, address, _ = page.launch(**_launch_options(port, browser))
        except OSError:
            taken = "ports 7860 to 7959 are" if port is None else f"port {port} is"
            raise UsageError(f"{taken} taken; choose another --port") from None
        opened(address)
        # A closed terminal must not leave a visitor's photo behind.
        for ending in _ENDINGS:
            signal.signal(ending, signal.default_int_handler)
        try:
            page.block_thread()
        finally:
            page.close(verbose=False)


def _launch_options(port: int | None, browser: bool) -> dict[str, Any]:
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    return {
        "server_name": LOOPBACK,
        "server_port": port,
        "share": False,
        "quiet": True,
        "prevent_thread_lock": True,
        "inbrowser": browser,
        "max_file_size": MAX_PHOTO_BYTES,
        "ssr_mode": False,
        "mcp_server": False,
        "pwa": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": ["settings"],
        "theme": theme(),
        "css_paths": STYLE_SHEET,
        "head": f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>",
        "app_kwargs": {"middleware": [Middleware(TrustedHostMiddleware, allowed_hosts=list(_OWN_NAMES))]},
    }
