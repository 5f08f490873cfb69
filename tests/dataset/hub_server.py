"""A Hub on the loopback interface, for tests: it serves folders as dataset repositories to the real client.

It speaks the part of the Hub's HTTP interface that `datasets` 5.2 and `huggingface_hub` 2.4 use for reading: resolve
(whole and by range, with ETag and commit), revision and tree. Every request is recorded.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

RESOLVE = re.compile(r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")
API = re.compile(r"/api/datasets/(?P<repo>[^/]+/[^/]+)(/(?P<what>revision|tree)/(?P<revision>[^/]+)(/(?P<path>.*))?)?")
CREATED = "2026-01-31T23:59:00.000Z"
CLIENT_LEFT = (BrokenPipeError, ConnectionResetError)


@dataclass
class Hub:
    """A running server: where it listens, what it serves, what it was asked.

    Attributes:
        repositories: Folder of each repository, by ``org/name``.
        requests: ``"METHOD path"`` in the order of arrival, and the ``Range`` header where there was one.
        drops: How many more answers with a file of this name break off half-way.
    """

    repositories: Mapping[str, Path]
    endpoint: str = ""
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    drops: dict[str, int] = field(default_factory=dict)

    def commit_of(self, repo: str) -> str:
        """Return 40 hex digits that name the present contents of a repository."""
        folder = self.repositories[repo]
        digest = hashlib.sha1()
        for path in self.paths_of(repo):
            digest.update(f"{path} {hashlib.sha256((folder / path).read_bytes()).hexdigest()}\n".encode())
        return digest.hexdigest()

    def paths_of(self, repo: str) -> list[str]:
        """Return all file paths of a repository, relative and sorted."""
        folder = self.repositories[repo]
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


AnyHub = TypeVar("AnyHub", bound=Hub)


class Reading(BaseHTTPRequestHandler):
    """Answers to who reads."""

    protocol_version = "HTTP/1.1"

    def __init__(self, hub: Hub, *args: Any) -> None:
        self.hub = hub
        super().__init__(*args)

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent; requests are recorded instead."""

    def _serve(self) -> None:
        place = unquote(urlsplit(self.path).path)
        self.hub.requests.append((f"{self.command} {place}", self.headers.get("Range")))
        match = RESOLVE.fullmatch(place) or API.fullmatch(place)
        if match is None or match["repo"] not in self.hub.repositories:
            return self._refuse("RepoNotFound")
        if match.re is RESOLVE:
            return self._send_file(match["repo"], match["path"])
        answer = self._answer(match["repo"], match["what"], (match["path"] or "").strip("/"))
        return self._refuse("EntryNotFound") if answer is None else self._send_json(answer)

    def _answer(self, repo: str, what: str | None, path: str) -> object | None:
        if what == "tree":
            query = parse_qs(urlsplit(self.path).query)
            return self._tree(repo, path, recursive=query.get("recursive", [""])[0].lower() in {"true", "1"})
        siblings = [{"rfilename": path} for path in self.hub.paths_of(repo)]
        facts = {"id": repo, "sha": self.hub.commit_of(repo), "siblings": siblings, "createdAt": CREATED}
        return facts | {"private": False, "gated": False, "disabled": False, "tags": [], "downloads": 0, "likes": 0}

    def _tree(self, repo: str, path: str, *, recursive: bool) -> list[dict[str, Any]] | None:
        under = [entry for entry in self._entries(repo) if _is_under(entry["path"], path)]
        deep = [entry for entry in under if recursive or "/" not in entry["path"][len(path) :].strip("/")]
        return deep if under else None

    def _entries(self, repo: str) -> list[dict[str, Any]]:
        paths = self.hub.paths_of(repo)
        folders = sorted({str(parent) for path in paths for parent in Path(path).parents} - {"."})
        files = [self._file_entry(repo, path) for path in paths]
        return [{"type": "directory", "path": path, "oid": _oid(path), "size": 0} for path in folders] + files

    def _file_entry(self, repo: str, path: str) -> dict[str, Any]:
        size = (self.hub.repositories[repo] / path).stat().st_size
        return {"type": "file", "path": path, "oid": _oid(path), "size": size}

    def _send_file(self, repo: str, path: str) -> None:
        if path not in self.hub.paths_of(repo):
            return self._refuse("EntryNotFound")
        data = (self.hub.repositories[repo] / path).read_bytes()
        headers = {
            "ETag": f'"{hashlib.sha256(data).hexdigest()}"',
            "X-Repo-Commit": self.hub.commit_of(repo),
            "Accept-Ranges": "bytes",
        }
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked is None:
            return self._send(HTTPStatus.OK, data, headers)
        first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return self._send(HTTPStatus.PARTIAL_CONTENT, data[first : last + 1], headers)

    def _send_json(self, answer: object) -> None:
        self._send(HTTPStatus.OK, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _refuse(self, code: str) -> None:
        self._send(HTTPStatus.NOT_FOUND, b"{}", {"X-Error-Code": code, "Content-Type": "application/json"})

    def _send(self, status: HTTPStatus, data: bytes, headers: Mapping[str, str]) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data[: len(data) // 2] if self._drops() else data)
        except CLIENT_LEFT:
            self.close_connection = True

    def _drops(self) -> bool:
        name = urlsplit(self.path).path.rpartition("/")[2]
        if not self.hub.drops.get(name):
            return False
        self.hub.drops[name] -= 1
        self.close_connection = True
        return True


def _is_under(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _oid(path: str) -> str:
    return hashlib.sha1(path.encode()).hexdigest()


def serving(repositories: Mapping[str, Path]) -> AbstractContextManager[Hub]:
    """Serve folders as dataset repositories until the block ends."""
    return listening(Hub(repositories), Reading)


@contextmanager
def listening(hub: AnyHub, handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[AnyHub]:
    """Let a hub's requests be answered by a handler until the block ends; the port is free, the address 127.0.0.1."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, hub)) as server:
        server.daemon_threads = True
        hub.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
