"""A Hub on the loopback interface that takes commits, through the real client.

It speaks the part of the Hub's HTTP interface that ``huggingface_hub`` 2.4 uses for writing: repositories and their
settings, preupload, the batches and uploads of Git LFS, and commits. A commit is applied at once or not at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.dataset.hub_server import Hub, Reading, listening

LARGE = (".parquet", ".tar", ".mp4", ".jpg")
DATASET = re.compile(r"/api/datasets/(?P<repo>[^/]+/[^/]+)/(?P<what>preupload|commit|settings|super-squash)(/.+)?")
BATCH = re.compile(r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch")
UPLOAD = re.compile(r"/upload/(?P<oid>[0-9a-f]{64})")


@dataclass
class WritingHub(Hub):
    """A running server that takes commits.

    Attributes:
        folder: Where new repositories are made.
        gated: What the settings of each repository say.
        private: Repositories that were made private.
        commits: Operations of each commit, in the order of arrival.
        blobs: What was uploaded, by SHA-256, whether a commit names it or not.
        uploads_left: Uploads to take before the connection breaks; ``None`` = all.
        squashed: Repositories whose history was dropped.
    """

    folder: Path = Path()
    gated: dict[str, object] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    commits: list[list[dict[str, Any]]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    uploads_left: int | None = None
    squashed: list[str] = field(default_factory=list)

    def make(self, repo: str) -> None:
        """Add an empty repository, which holds what every new one holds."""
        (self.folder / repo).mkdir(parents=True)
        (self.folder / repo / ".gitattributes").write_text("*.parquet filter=lfs\n")
        self.repositories = {**self.repositories, repo: self.folder / repo}


class _Writing(Reading):
    hub: WritingHub

    def do_POST(self) -> None:  # noqa: N802
        self._take()

    def do_PUT(self) -> None:  # noqa: N802
        self._take()

    def _take(self) -> None:
        place = unquote(urlsplit(self.path).path)
        self.hub.requests.append((f"{self.command} {place}", None))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if place == "/api/validate-yaml":
            return self._send_json({"errors": [], "warnings": []})
        if place == "/api/repos/create":
            return self._create(json.loads(body))
        if BATCH.fullmatch(place):
            return self._send_json(self._batch(json.loads(body)["objects"]))
        if (upload := UPLOAD.fullmatch(place)) is not None:
            return self._upload(upload["oid"], body)
        match = DATASET.fullmatch(place)
        if match is None or match["repo"] not in self.hub.repositories:
            return self._refuse("RepoNotFound")
        answers = {"preupload": self._modes, "commit": self._commit, "settings": self._settings}
        if match["what"] == "super-squash":
            self.hub.squashed.append(match["repo"])
            return self._send_json({})
        return answers[match["what"]](match["repo"], body)

    def _create(self, asked: dict[str, Any]) -> None:
        repo = f"{asked['organization']}/{asked['name']}"
        answer = {"url": f"{self.hub.endpoint}/datasets/{repo}"}
        if repo in self.hub.repositories:
            return self._send(HTTPStatus.CONFLICT, json.dumps(answer).encode(), {"Content-Type": "application/json"})
        self.hub.make(repo)
        if asked.get("private") or asked.get("visibility") == "private":
            self.hub.private.add(repo)
        return self._send_json(answer)

    def _settings(self, repo: str, body: bytes) -> None:
        self.hub.gated[repo] = json.loads(body).get("gated")
        self._send_json({})

    def _modes(self, repo: str, body: bytes) -> None:
        files = [
            {"path": file["path"], "uploadMode": "lfs" if file["path"].endswith(LARGE) else "regular"}
            | {"shouldIgnore": False, "oid": None}
            for file in json.loads(body)["files"]
        ]
        self._send_json({"files": files})

    def _batch(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        def answer(item: dict[str, Any]) -> dict[str, Any]:
            known = item["oid"] in self.hub.blobs
            upload = {"actions": {"upload": {"href": f"{self.hub.endpoint}/upload/{item['oid']}"}}}
            return {"oid": item["oid"], "size": item["size"], **({} if known else upload)}

        return {"transfer": "basic", "objects": [answer(item) for item in objects]}

    def _upload(self, oid: str, body: bytes) -> None:
        if self.hub.uploads_left is not None and self.hub.uploads_left <= 0:
            return self._send(HTTPStatus.FORBIDDEN, b"no more", {})
        if self.hub.uploads_left is not None:
            self.hub.uploads_left -= 1
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.blobs[oid] = body
        return self._send(HTTPStatus.OK, b"", {"ETag": f'"{oid}"'})

    def _commit(self, repo: str, body: bytes) -> None:
        lines = [json.loads(line) for line in body.splitlines()]
        header, operations = lines[0]["value"], lines[1:]
        if header.get("parentCommit", self.hub.commit_of(repo)) != self.hub.commit_of(repo):
            return self._send(HTTPStatus.PRECONDITION_FAILED, b"{}", {"Content-Type": "application/json"})
        contents = {line["value"]["path"]: self._content(line) for line in operations}
        for name, data in contents.items():
            path = self.hub.repositories[repo] / name
            if data is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.hub.commits.append(operations)
        commit = self.hub.commit_of(repo)
        return self._send_json(
            {"commitUrl": f"{self.hub.endpoint}/datasets/{repo}/commit/{commit}", "commitOid": commit}
        )

    def _content(self, line: dict[str, Any]) -> bytes | None:
        if line["key"] == "deletedFile":
            return None
        if line["key"] == "lfsFile":
            return self.hub.blobs[line["value"]["oid"]]
        return base64.b64decode(line["value"]["content"])

    def _answer(self, repo: str, what: str | None, path: str) -> object | None:
        answer = super()._answer(repo, what, path)
        return {**answer, "gated": self.hub.gated.get(repo, False)} if isinstance(answer, dict) else answer

    def _file_entry(self, repo: str, path: str) -> dict[str, Any]:
        data = (self.hub.repositories[repo] / path).read_bytes()
        entry = super()._file_entry(repo, path)
        if path.endswith(LARGE):
            digest = hashlib.sha256(data).hexdigest()
            return entry | {"lfs": {"oid": digest, "size": len(data), "pointerSize": 130}}
        return entry | {"oid": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}


def taking_commits(folder: Path) -> AbstractContextManager[WritingHub]:
    """Run a Hub without a repository until the block ends."""
    return listening(WritingHub({}, folder=folder), _Writing)
