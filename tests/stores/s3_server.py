"""S3 on loopback: moto's server, whose answers can be made to fail, to stall, or to refuse."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

BUCKET = "bucket"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDTESTS",
    "AWS_SECRET_ACCESS_KEY": "hunter2-the-secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}

_ANSWERS = {"fail": ("503 Busy", "ServiceUnavailable"), "refuse": ("403 No", "AccessDenied")}


@dataclass
class S3:
    """A running server.

    Attributes:
        endpoint: Where it listens.
        requests: Method and path of all that arrived.
        fault: Says what happens instead of an answer: ``"fail"``, ``"stall"``, ``"refuse"`` or ``None``.
        stall_s: How long a stalled answer takes before it fails.
    """

    endpoint: str = ""
    requests: list[tuple[str, str]] = field(default_factory=list)
    fault: Callable[[str, str], str | None] = lambda method, path: None
    stall_s: float = 3.0
    app: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path))
        fault = self.fault(method, path)
        if fault == "stall":
            time.sleep(self.stall_s)  # whoever asked has gone, and nothing shall come of it
        if fault is not None:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            status, code = _ANSWERS.get(fault, _ANSWERS["fail"])
            start_response(status, [("Content-Type", "application/xml")])
            return [f"<Error><Code>{code}</Code><Message>on purpose</Message></Error>".encode()]
        return self.app(environ, start_response)  # type: ignore[no-any-return]

    def puts(self, *, but: str = "/.work/") -> list[str]:
        """Return the paths of finished objects in the order in which they came."""
        return [path for method, path in self.requests if method == "PUT" and but not in path]

    def clear(self) -> None:
        self.requests.clear()
        self.fault = lambda method, path: None


@contextmanager
def serving() -> Iterator[S3]:
    """Run a server on a free port of loopback."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    s3 = S3(app=DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, s3, threaded=True)
    s3.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="s3-server", daemon=True)
    thread.start()
    try:
        yield s3
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
