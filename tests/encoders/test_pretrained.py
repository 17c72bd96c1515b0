"""Models are found by folder or hub name, known by their content, and never fetched unasked."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest

from whitelight.encoders import make_encoder
from whitelight.encoders.options import MissingModelError, Options, UnusableModelError
from whitelight.encoders.pretrained import _content_hash, find_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": json.dumps({"model_type": "deberta-v2", "hidden_size": 12, "max_position_embeddings": 16}).encode(),
    "tokenizer.json": b"{}",
    "model.safetensors": b"weights",
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    find_model.cache_clear()
    _content_hash.cache_clear()


def write(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub's library, and no network."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="hub names need huggingface_hub (extra text)")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    return tmp_path / "hub"


def test_one_model_has_one_fingerprint_wherever_it_lies(tmp_path, hub_cache):
    folder = write(tmp_path / "here")
    repository = hub_cache / "models--some--model"
    write(repository / "snapshots" / COMMIT, FILES | {"README.txt": b"read me"})
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    local, hub = make_encoder(f"deberta:{folder}"), make_encoder("deberta:some/model")
    assert local.dim == 12
    assert local.fingerprint() == hub.fingerprint() == make_encoder(f"deberta:some/model@{COMMIT}").fingerprint()
    assert local.fingerprint() != make_encoder("hashed-ngrams").fingerprint()


@pytest.mark.parametrize("name", sorted(FILES))
def test_any_change_of_the_content_changes_the_fingerprint(tmp_path, name):
    one, other = write(tmp_path / "one"), write(tmp_path / "other", FILES | {name: FILES[name] + b" "})
    assert make_encoder(f"deberta:{one}").fingerprint() != make_encoder(f"deberta:{other}").fingerprint()


def test_a_model_that_is_not_here_is_one_clear_error(hub_cache):
    with pytest.raises(MissingModelError) as caught:
        make_encoder("deberta").fingerprint()
    assert str(caught.value) == (
        "encoder 'deberta': the model 'microsoft/deberta-v3-base' is not on this machine; fetch "
        "'microsoft/deberta-v3-base' once with --allow-download, or give its folder: deberta:/path/to/model"
    )
    with pytest.raises(MissingModelError, match="'clap': the model 'laion/larger_clap_music' is not on this machine"):
        make_encoder("clap").fingerprint()
    with pytest.raises(MissingModelError, match=r"'./nowhere' is neither a folder nor a name on the hub"):
        make_encoder("wav2vec2:./nowhere").fingerprint()
    with pytest.raises(MissingModelError, match=r"could not be fetched .*; check the name and the network"):
        make_encoder("wav2vec2:some/model", allow_download=True).fingerprint()


def test_half_a_model_or_another_kind_is_refused(tmp_path):
    no_weights = write(tmp_path / "half", {name: FILES[name] for name in ("config.json", "tokenizer.json")})
    with pytest.raises(MissingModelError, match="half holds no whole model"):
        make_encoder(f"deberta:{no_weights}").fingerprint()
    folder = write(tmp_path / "whole")
    with pytest.raises(UnusableModelError, match="the model in whole is 'deberta-v2', expected 'clap'"):
        make_encoder(f"clap:{folder}").fingerprint()
    (folder / "config.json").write_text(
        '{"model_type": "deberta-v2", "hidden_size": "many", "max_position_embeddings": 8}'
    )
    with pytest.raises(UnusableModelError, match="says hidden_size = 'many', expected a whole number"):
        make_encoder(f"deberta:{folder}").fingerprint()
    (folder / "config.json").write_text("{")
    with pytest.raises(UnusableModelError, match=r"whole/config.json is not JSON"):
        make_encoder(f"deberta:{folder}").fingerprint()


def test_files_that_cannot_be_loaded_are_one_clear_error(tmp_path):
    pytest.importorskip("transformers", reason="loading needs transformers (extra text)")
    with pytest.raises(UnusableModelError, match="'deberta': torn cannot be loaded: "):
        make_encoder(f"deberta:{write(tmp_path / 'torn')}").encode(["a"])


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's HTTP interface as a download needs."""

    files: ClassVar[dict[str, bytes]] = {**FILES, "pytorch_model.bin": b"old", "flax_model.msgpack": b"other"}
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path.startswith("/api/models/some/model/tree/"):
            tree = [{"type": "file", "path": n, "size": len(c), "oid": "0" * 40} for n, c in self.files.items()]
            self.answer(json.dumps(tree).encode())
        elif path.startswith("/api/models/some/model"):
            siblings = [{"rfilename": name} for name in self.files]
            self.answer(json.dumps({"id": "some/model", "sha": COMMIT, "siblings": siblings}).encode())
        elif (name := path.rpartition("/")[2]) in self.files and "/some/model/resolve/" in path:
            self.asked.append(name)
            self.answer(self.files[name], ETag=f'"{sha256(self.files[name]).hexdigest()}"')
        else:
            self.send_error(404)

    def answer(self, content: bytes, **headers: str) -> None:
        self.send_response(200)
        for key, value in {**headers, "X-Repo-Commit": COMMIT, "Content-Length": str(len(content))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


FETCH = """
import sys
from whitelight.encoders.options import MissingModelError, Options
from whitelight.encoders.pretrained import find_model
try:
    found = find_model(Options("deberta", "some/model", allow_download=sys.argv[1] == "allowed"), "x/y")
    print(found.sha256, *sorted(file.name for file in found.folder.iterdir()))
except MissingModelError as err:
    print("missing", err)
"""
Fetch = Callable[[str], list[str]]


@pytest.fixture
def fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetch]:
    """Find the model `some/model` in a process of its own, whose hub is here; what it printed, by words."""
    pytest.importorskip("huggingface_hub", reason="hub names need huggingface_hub (extra text)")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(Hub, "asked", [])
    here = {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HUB_CACHE": str(tmp_path / "hub")}

    def run(permission: str) -> list[str]:
        command = [sys.executable, "-c", FETCH, permission]
        done = subprocess.run(command, env={**os.environ, **here}, capture_output=True, text=True, check=True)
        return done.stdout.split()

    yield run
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_model_is_fetched_once_and_only_when_that_is_allowed(fetch, tmp_path):
    assert fetch("forbidden")[0] == "missing"
    assert Hub.asked == []
    content_hash, *names = fetch("allowed")
    assert names == sorted(FILES)  # neither the old weights nor those of another library
    assert set(Hub.asked) == set(FILES)
    n_asked = len(Hub.asked)
    assert fetch("forbidden") == [content_hash, *names]
    assert len(Hub.asked) == n_asked
    assert find_model(Options("deberta", str(write(tmp_path / "local"))), "x/y").sha256 == content_hash


def test_a_model_with_old_weights_alone_is_fetched_with_them(fetch, monkeypatch):
    monkeypatch.setattr(Hub, "files", {name: c for name, c in Hub.files.items() if name != "model.safetensors"})
    assert fetch("allowed")[1:] == ["config.json", "pytorch_model.bin", "tokenizer.json"]
