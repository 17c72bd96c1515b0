"""A hub on this machine: the routes `huggingface_hub` calls to publish a dataset, over real HTTP.

It keeps what the hub keeps (objects, commits, tags), asks for the token where the hub does, and stumbles on request.
Written after the client's source (2.4: hf_api.py, _commit_api.py, lfs.py).
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_" + "t" * 34
LFS_SUFFIX = ".parquet"


@dataclass
class Blob:
    content: bytes
    is_lfs: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def oid(self) -> str:
        """What git calls it: of an LFS file the hash of its pointer."""
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.content)}\n"
        content = pointer.encode() if self.is_lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@dataclass
class Repository:
    is_private: bool
    commits: list[tuple[str, dict[str, Blob]]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, Blob], message: str) -> str:
        oid = hashlib.sha1(f"{len(self.commits)} {message}".encode()).hexdigest()
        self.commits.append((oid, files))
        self.messages.append(message)
        return oid

    def at(self, revision: str) -> tuple[str, dict[str, Blob]]:
        oid = self.tags.get(revision, revision)
        return self.commits[-1] if oid == "main" else next(c for c in self.commits if c[0] == oid)


class FakeHub:
    """State and behavior; `log` holds every request as (method, path, token or "")."""

    def __init__(self) -> None:
        self.token = TOKEN
        self.endpoint = ""
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}
        self.log: list[tuple[str, str, str]] = []
        self.lock = threading.RLock()
        self._faults: list[tuple[str, str, Callable[[Any], bool]]] = []

    def fail(self, method: str, part: str, status: int = 503, times: int = 1, *, after: bool = False) -> None:
        """Answer `times` requests whose path has `part` with `status`; `after` doing what they ask."""
        left = [times]

        def fault(handler: Any) -> bool:
            if left[0] == 0:
                return False
            left[0] -= 1
            if after:
                handler.handle_route()
                handler.buffer.clear()
            handler.answer(status, {"error": f"made to fail with {status}"})
            return True

        self._faults.append((method, part, fault))

    def hold(self, method: str, part: str, *, let_through: int = 0) -> tuple[threading.Event, threading.Event]:
        """Keep requests waiting after the first `let_through`; returns (one is waiting, let it go)."""
        waiting, go, count = threading.Event(), threading.Event(), [0]

        def fault(handler: Any) -> bool:
            count[0] += 1
            if count[0] > let_through and not go.is_set():
                waiting.set()
                go.wait(30)
                handler.answer(503, {"error": "gone"})
                return True
            return False

        self._faults.append((method, part, fault))
        return waiting, go

    def stumbles(self, handler: Any) -> bool:
        with self.lock:
            faults = [f for method, part, f in self._faults if method == handler.command and part in handler.path]
        return any(fault(handler) for fault in faults)

    def count(self, method: str, part: str) -> int:
        return sum(m == method and part in path for m, path, _ in self.log)

    def files(self, repository: str, revision: str = "main") -> dict[str, bytes]:
        """What somebody who clones a revision gets."""
        return {path: blob.content for path, blob in self.repositories[repository].at(revision)[1].items()}


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def serve(self) -> None:
        self.buffer: list[tuple[int, dict[str, str], bytes]] = []
        self.body = self.read_body()
        given = self.headers.get("authorization", "").removeprefix("Bearer ")
        self.hub.log.append((self.command, self.path, given))
        if not self.hub.stumbles(self):
            self.handle_route()
        status, headers, body = self.buffer[-1]
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = serve

    def read_body(self) -> bytes:
        if self.headers.get("transfer-encoding", "") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status: int, value: Any = None, **headers: str) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value if value is not None else {}).encode()
        names = {name.replace("_", "-"): text for name, text in headers.items()}
        self.buffer.append((status, {"Content-Type": "application/json"} | names, body))

    def handle_route(self) -> None:
        with self.hub.lock:
            self.route(urlsplit(self.path).path.strip("/").split("/"))

    def route(self, parts: list[str]) -> None:
        hub = self.hub
        if parts[0] == "objects":  # storage knows no tokens: its addresses are signed
            hub.objects[parts[1]] = self.body
            assert hashlib.sha256(self.body).hexdigest() == parts[1]
            self.answer(200)
        elif parts[:2] == ["api", "agent-harnesses"]:
            self.answer(200, {})
        elif self.headers.get("authorization") != f"Bearer {hub.token}":
            self.answer(401, {"error": "Invalid credentials in Authorization header"})
        elif parts == ["api", "whoami-v2"]:
            self.answer(200, {"name": "me", "type": "user", "orgs": []})
        elif parts == ["api", "validate-yaml"]:
            self.answer(200, {"errors": [], "warnings": []})
        elif parts == ["api", "repos", "create"]:
            self.create(json.loads(self.body))
        elif parts[:2] == ["api", "datasets"] and len(parts) >= 4:
            self.with_repository("/".join(parts[2:4]), lambda repo: self.api(repo, "/".join(parts[2:4]), parts[4:]))
        elif parts[0] == "datasets" and parts[-4:] == ["info", "lfs", "objects", "batch"]:
            self.with_repository("/".join(parts[1:3]).removesuffix(".git"), lambda _: self.batch(json.loads(self.body)))
        elif parts[0] == "datasets" and parts[3] == "resolve":
            self.with_repository(
                "/".join(parts[1:3]), lambda repo: self.resolve(repo, unquote(parts[4]), "/".join(parts[5:]))
            )
        else:
            self.answer(404, {"error": f"no route {self.path}"})

    def with_repository(self, name: str, then: Callable[[Repository], None]) -> None:
        found = self.hub.repositories.get(name)
        if found is None:
            self.answer(404, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
        else:
            then(found)

    def create(self, asked: dict[str, Any]) -> None:
        assert asked["type"] == "dataset"
        name = f"{asked['organization'] or 'me'}/{asked['name']}"
        if asked["organization"] not in (None, "me"):
            self.answer(403, {"error": "You don't have the rights to create a dataset under this namespace"})
        elif name in self.hub.repositories:
            self.answer(
                409, {"error": "You already created this dataset repo", "url": f"{self.hub.endpoint}/datasets/{name}"}
            )
        else:
            repository = Repository(asked["visibility"] == "private")
            repository.commit({".gitattributes": Blob(b"*.parquet filter=lfs\n", is_lfs=False)}, "initial commit")
            self.hub.repositories[name] = repository
            self.answer(200, {"url": f"{self.hub.endpoint}/datasets/{name}", "name": name})

    def api(self, repository: Repository, name: str, rest: list[str]) -> None:
        what = rest[0] if rest else ""
        if what in ("", "revision"):
            oid, _ = repository.at(unquote(rest[1]) if rest else "main")
            self.answer(200, {"id": name, "private": repository.is_private, "sha": oid, "siblings": [], "tags": []})
        elif what == "refs":
            branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": repository.commits[-1][0]}]
            tags = [{"name": t, "ref": f"refs/tags/{t}", "targetCommit": oid} for t, oid in repository.tags.items()]
            self.answer(200, {"branches": branches, "converts": [], "tags": tags})
        elif what == "tree":
            self.tree(repository.at(unquote(rest[1]))[1])
        elif what == "preupload":
            files = repository.at("main")[1]
            self.answer(200, {"files": [self.mode(entry["path"], files) for entry in json.loads(self.body)["files"]]})
        elif what == "commit":
            self.commit(repository, name)
        elif what == "tag":
            self.tag(repository, unquote(rest[1]), json.loads(self.body)["tag"])
        else:
            self.answer(404, {"error": f"no route {self.path}"})

    def tree(self, files: dict[str, Blob]) -> None:
        """List in pages of four, as the hub does in pages of a thousand."""
        query = parse_qs(urlsplit(self.path).query)
        start = int(query.get("cursor", ["0"])[0])
        names = sorted(files)
        folders = sorted({name.rpartition("/")[0] for name in names if "/" in name}) if start == 0 else []
        page: list[dict[str, Any]] = [{"type": "directory", "oid": "0" * 40, "size": 0, "path": f} for f in folders]
        for name in names[start : start + 4]:
            blob = files[name]
            lfs = {"lfs": {"oid": blob.sha256, "size": len(blob.content), "pointerSize": 130}} if blob.is_lfs else {}
            page.append({"type": "file", "oid": blob.oid, "size": len(blob.content), "path": name, **lfs})
        following = f'<{self.hub.endpoint}{urlsplit(self.path).path}?recursive=true&cursor={start + 4}>; rel="next"'
        self.answer(200, page, **({"Link": following} if start + 4 < len(names) else {}))

    def mode(self, path: str, files: dict[str, Blob]) -> dict[str, Any]:
        is_lfs = path.endswith(LFS_SUFFIX)
        old = files.get(path)
        oid = None if old is None else old.sha256 if old.is_lfs else old.oid
        return {"path": path, "uploadMode": "lfs" if is_lfs else "regular", "shouldIgnore": False, "oid": oid}

    def batch(self, asked: dict[str, Any]) -> None:
        assert "basic" in asked["transfers"]
        objects = []
        for entry in asked["objects"]:
            href = f"{self.hub.endpoint}/objects/{entry['oid']}"
            is_there = entry["oid"] in self.hub.objects
            objects.append({**entry, **({} if is_there else {"actions": {"upload": {"href": href}}})})
        self.answer(200, {"transfer": "basic", "objects": objects})

    def commit(self, repository: Repository, name: str) -> None:
        lines = [json.loads(line) for line in self.body.splitlines()]
        files = dict(repository.at("main")[1])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = Blob(base64.b64decode(value["content"]), is_lfs=False)
            elif line["key"] == "lfsFile" and value["oid"] in self.hub.objects:
                files[value["path"]] = Blob(self.hub.objects[value["oid"]], is_lfs=True)
            elif line["key"] == "deletedFile" and value["path"] in files:
                del files[value["path"]]
            else:
                self.answer(400, {"error": f"cannot do {line['key']} {value['path']}"})
                return
        oid = repository.commit(files, lines[0]["value"]["summary"])
        self.answer(200, {"commitUrl": f"{self.hub.endpoint}/datasets/{name}/commit/{oid}", "commitOid": oid})

    def tag(self, repository: Repository, revision: str, name: str) -> None:
        if name in repository.tags:
            self.answer(409, {"error": f"Tag {name} already exists"})
            return
        repository.tags[name] = repository.at(revision)[0]
        self.answer(200, {})

    def resolve(self, repository: Repository, revision: str, path: str) -> None:
        oid, files = repository.at(revision)
        if path not in files:
            self.answer(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound", X_Repo_Commit=oid)
            return
        blob = files[path]
        self.answer(200, blob.content, X_Repo_Commit=oid, ETag=f'"{blob.oid}"', Content_Type="application/octet-stream")


@contextmanager
def running() -> Iterator[FakeHub]:
    """Serve a new hub until the end of the block."""
    hub = FakeHub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
