"""A dataset repository on the Hugging Face hub: what we ask of it, with its errors made ours.

Every question can be asked again: a call that fails by chance (no connection, 408, 429, 5xx) is repeated, and none of
them does harm when it is done twice. The token is held by the client alone; whatever an error says, it is taken out.
Files go over HTTP (git LFS), the way the tests drive; `HF_HUB_DISABLE_XET=0` in the environment chooses Xet instead.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from whitelight.dataset.publish.errors import HubError
from whitelight.dataset.publish.record import RECORD, Publication, parse_record
from whitelight.dataset.publish.target import HubTarget

Answer = TypeVar("Answer")
WAITS_S = (1.0, 2.0, 4.0, 8.0)  # between tries of one call
_BY_CHANCE = frozenset((408, 429, 500, 502, 503, 504))
_DATASET = "dataset"
_ADVICE = {
    401: "the token is not valid; log in with `hf auth login`, or name the variable that holds it with --token-from",
    403: "the token may not write there; give one with write access to the repository",
    404: "no such repository, or the token may not see it; check OWNER/NAME",
}


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on the hub: SHA-256 of its content where it is stored as LFS, else the hash git gives it."""

    sha256: str
    git_hash: str


@dataclass(slots=True)
class Hub:
    """One repository, and the client that talks to it."""

    api: Any
    target: HubTarget
    token: str
    wait: Callable[[float], None] = time.sleep

    @classmethod
    def connect(cls, target: HubTarget, *, token_from: str | None, wait: Callable[[float], None] = time.sleep) -> "Hub":
        """Return a client of the hub at `HF_ENDPOINT`, with the token of an environment variable or of the login.

        Raises
        ------
        HubError : `huggingface_hub` is not installed, there is no token, or the hub does not know it.
        """
        module = _client_module()
        token = os.environ.get(token_from, "") if token_from is not None else (module.get_token() or "")
        if not token.strip():
            where = f"the environment variable {token_from} is empty" if token_from else "not logged in to the hub"
            raise HubError(f"{where}; log in with `hf auth login`, or name the variable with the token by --token-from")
        tools = importlib.import_module("huggingface_hub.utils")
        tools.disable_progress_bars()
        tools.logging.set_verbosity_error()
        api = module.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, token=token.strip())
        hub = cls(api, target, token.strip(), wait)
        hub._ask("whoami", api.whoami)
        return hub

    def visibility(self) -> str:
        """Return "public" or "private"; empty where there is no such repository."""
        absent = importlib.import_module("huggingface_hub.errors").RepositoryNotFoundError
        try:
            info = self._try(lambda: self.api.dataset_info(self.target.repository))
        except absent:
            return ""
        except Exception as err:
            raise self._ours("repository", err) from err
        return "private" if info.private else "public"

    def create(self, *, is_public: bool) -> None:
        """Make the repository, private unless it is to be public."""
        repository = self.target.repository
        self._ask(
            "create",
            lambda: self.api.create_repo(repository, repo_type=_DATASET, private=not is_public, exist_ok=True),
        )

    def tags(self) -> Mapping[str, str]:
        """Return tag → commit."""
        refs = self._ask("tags", lambda: self.api.list_repo_refs(self.target.repository, repo_type=_DATASET))
        return {tag.name: tag.target_commit for tag in refs.tags}

    def files(self) -> dict[str, RemoteFile]:
        """Return path → hash of everything on the main branch."""

        def listed() -> dict[str, RemoteFile]:
            entries = self.api.list_repo_tree(self.target.repository, recursive=True, repo_type=_DATASET)
            return {
                e.path: RemoteFile(e.lfs.sha256 if e.lfs else "", e.blob_id) for e in entries if hasattr(e, "blob_id")
            }

        return self._ask("files", listed)

    def record(self, revision: str) -> Publication:
        """Return what was published at a revision."""

        def fetched() -> bytes:
            with TemporaryDirectory() as folder:
                file = self.api.hf_hub_download(
                    self.target.repository, RECORD, repo_type=_DATASET, revision=revision, local_dir=folder
                )
                return Path(file).read_bytes()

        return parse_record(self._ask(RECORD, fetched), str(self.target))

    def upload(self, folder: Path, name: str) -> None:
        """Send the content of a file unless the hub has it; nothing is seen of it before `commit`."""
        add = _client_module().CommitOperationAdd

        def sent() -> None:
            self.api.preupload_lfs_files(self.target.repository, [add(name, folder / name)], repo_type=_DATASET)

        self._ask(name, sent)

    def commit(self, folder: Path, names: Sequence[str], removed: Sequence[str], message: str) -> str:
        """Make uploaded files part of the main branch, remove others, and return the commit.

        Every try starts from what is there: a commit whose answer was lost is found done.
        """
        module = _client_module()

        def committed() -> str:
            there = self.api.list_repo_tree(self.target.repository, recursive=True, repo_type=_DATASET)
            present = {entry.path for entry in there}
            operations = [
                *(module.CommitOperationAdd(name, folder / name) for name in names),
                *(module.CommitOperationDelete(name, is_folder=False) for name in removed if name in present),
            ]
            info = self.api.create_commit(
                self.target.repository, operations, commit_message=message, repo_type=_DATASET
            )
            return str(info.oid)

        return self._ask("commit", committed)

    def tag(self, name: str, commit: str) -> None:
        """Name a commit; a tag that is there already stays."""
        self._ask(
            "tag",
            lambda: self.api.create_tag(
                self.target.repository, tag=name, revision=commit, repo_type=_DATASET, exist_ok=True
            ),
        )

    def _ask(self, what: str, call: Callable[[], Answer]) -> Answer:
        try:
            return self._try(call)
        except Exception as err:
            raise self._ours(what, err) from err

    def _try(self, call: Callable[[], Answer]) -> Answer:
        """Call until it succeeds or fails for good."""
        for wait_s in WAITS_S:
            try:
                return call()
            except Exception as err:
                if not _is_by_chance(err):
                    raise
                self.wait(wait_s)
        return call()

    def _ours(self, what: str, err: BaseException) -> HubError:
        """Return an error that names place, cause and advice, without the token."""
        status = _status(err)
        cause = err.__cause__ if isinstance(err, RuntimeError) and err.__cause__ is not None else err
        said = " ".join(str(cause).split())[:300]
        advice = _ADVICE.get(status, "run the same command again: what has arrived is not sent twice")
        found = f"status {status}" if status else type(cause).__name__
        return HubError(f"{self.target} ({what}): {found}, {said}; {advice}".replace(self.token, "<token>"))


def git_hash(content: bytes) -> str:
    """Return the hash git gives a file."""
    from hashlib import sha1  # noqa: PLC0415  git's, not ours

    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _client_module() -> Any:
    if "huggingface_hub" not in sys.modules:  # it reads the environment when it is loaded
        os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    try:
        return importlib.import_module("huggingface_hub")
    except ModuleNotFoundError as err:
        raise HubError("publishing to the hub needs huggingface_hub; pip install 'whitelight[publish]'") from err


def _status(err: BaseException) -> int:
    """Return the status of the answer an error is about, 0 without one."""
    seen: BaseException | None = err
    while seen is not None:
        response = getattr(seen, "response", None)
        if response is not None:
            return int(response.status_code)
        seen = seen.__cause__
    return 0


def _is_by_chance(err: BaseException) -> bool:
    """Tell whether trying again can help: a passing trouble of the server or of the way to it."""
    if _status(err):
        return _status(err) in _BY_CHANCE
    seen: BaseException | None = err
    while seen is not None:
        is_broken_answer = isinstance(seen, ValueError) and type(seen).__name__ == "JSONDecodeError"
        if is_broken_answer or any(kind.__name__ == "TransportError" for kind in type(seen).__mro__):
            return True
        seen = seen.__cause__
    return False
