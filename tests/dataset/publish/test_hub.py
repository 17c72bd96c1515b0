"""Publishing to a hub: a real client against a server on this machine, interruptions and refusals included."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from whitelight.dataset.publish import (
    HubError,
    OccupiedError,
    PublishReport,
    PublishSettings,
    Version,
    publish_dataset,
)
from whitelight.dataset.publish import hub as hub_module
from whitelight.dataset.publish import sending as sending_module

pytest.importorskip("huggingface_hub")
# huggingface_hub 2.4 sends files by an argument that httpx2 calls old; nothing of ours can avoid it
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
SONGS = "me/songs"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nobody: our waits and those of the client are of no length."""
    import huggingface_hub.utils._http as client

    monkeypatch.setattr(hub_module, "WAITS_S", (0.0, 0.0, 0.0))
    monkeypatch.setattr(client, "time", SimpleNamespace(sleep=lambda _seconds: None, time=time.time))


@pytest.fixture
def publish(data: Path, hub: Any) -> Callable[..., PublishReport]:
    def run(
        version: str = "1.0.0", to: str = f"hub:{SONGS}", token_from: str = "HUB_TOKEN", **changes: Any
    ) -> PublishReport:
        settings = PublishSettings(Version.parse(version), **({"preview_per_class": 1} | changes))
        return publish_dataset(data, to, settings, token_from=token_from)

    return run


def leftovers(data: Path) -> list[str]:
    return [p.name for p in data.parent.iterdir() if p.name.startswith(".")]


def test_what_is_on_the_hub_is_what_a_folder_holds(
    publish: Callable[..., PublishReport],
    hub: Any,
    data: Path,
    tmp_path: Path,
    contents: Callable[[Path], dict[str, bytes]],
) -> None:
    report = publish(include_media=True, preview_per_class=3)
    assert report.state == "sent"
    publish_dataset(data, str(tmp_path / "out"), PublishSettings(Version.parse("1.0.0"), include_media=True))
    found = hub.files(SONGS)
    assert found.pop(".gitattributes")
    assert found == contents(tmp_path / "out")
    repository = hub.repositories[SONGS]
    assert repository.is_private
    assert repository.tags == {"1.0.0": repository.commits[-1][0]}
    assert repository.messages == ["initial commit", "Version 1.0.0 (1 of 1)"]
    assert report.n_sent == len(found) - 1
    assert leftovers(data) == []


def test_again_sends_nothing(publish: Callable[..., PublishReport], hub: Any) -> None:
    publish()
    before = len(hub.log)
    assert publish().state == "unchanged"
    assert {method for method, _, _ in hub.log[before:]} == {"GET", "HEAD"}


def test_a_new_version_sends_what_changed_and_removes_the_rest(publish: Callable[..., PublishReport], hub: Any) -> None:
    publish()
    n_puts = hub.count("PUT", "/objects/")
    report = publish("1.1.0", preview_per_class=2)
    assert hub.count("PUT", "/objects/") == n_puts + 1  # the preview
    assert report.n_sent == 2  # and the card
    publish("1.2.0", preview_per_class=0)
    assert not any(name.startswith("preview/") for name in hub.files(SONGS))
    assert any(name.startswith("preview/") for name in hub.files(SONGS, "1.1.0"))
    assert list(json.loads(hub.files(SONGS)["publication.json"])["versions"]) == ["1.0.0", "1.1.0", "1.2.0"]
    with pytest.raises(OccupiedError, match=r"holds version 1\.1\.0 with other content|later than 1\.1\.0"):
        publish("1.1.0")


def test_the_same_version_with_other_content_is_refused(publish: Callable[..., PublishReport], hub: Any) -> None:
    publish()
    before = hub.files(SONGS)
    with pytest.raises(
        OccupiedError, match=r"holds version 1\.0\.0 with other content; give a new version, such as 1\.0\.1"
    ):
        publish(preview_per_class=2)
    assert hub.files(SONGS) == before


def test_many_files_go_in_several_commits_card_and_record_last(
    publish: Callable[..., PublishReport], hub: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending_module, "FILES_PER_COMMIT", 3)
    publish()
    repository = hub.repositories[SONGS]
    assert repository.messages[1:] == [f"Version 1.0.0 ({i} of 3)" for i in (1, 2, 3)]
    assert [("README.md" in files, "publication.json" in files) for _, files in repository.commits[1:]] == [
        (False, False),
        (False, False),
        (True, True),
    ]


def test_commits_that_were_made_are_not_made_again(
    publish: Callable[..., PublishReport], hub: Any, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending_module, "FILES_PER_COMMIT", 4)
    hub.fail("POST", "/tag/", status=400)
    with pytest.raises(HubError, match="status 400"):
        publish()
    assert len(leftovers(data)) == 1  # what was staged waits
    n_puts, n_commits = hub.count("PUT", "/objects/"), len(hub.repositories[SONGS].commits)
    report = publish()
    assert (hub.count("PUT", "/objects/"), len(hub.repositories[SONGS].commits)) == (n_puts, n_commits)
    assert (report.state, report.n_sent) == ("sent", 0)
    assert hub.repositories[SONGS].tags == {"1.0.0": hub.repositories[SONGS].commits[-1][0]}
    assert leftovers(data) == []


@pytest.mark.slow
def test_a_killed_upload_goes_on_where_it_stopped(hub: Any, data: Path, tmp_path: Path) -> None:
    waiting, go = hub.hold("PUT", "/objects/", let_through=3)
    command = [sys.executable, "-m", "whitelight", "dataset", "publish", str(data), "--to", f"hub:{SONGS}"]
    command += ["--version", "1.0.0", "--token-from", "HUB_TOKEN"]
    environment = os.environ | {"HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert waiting.wait(60)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    go.set()
    assert len(hub.objects) == 3
    assert list(hub.files(SONGS)) == [".gitattributes"]  # nobody sees a part
    before = set(hub.objects)
    n_puts = hub.count("PUT", "/objects/")
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "sent"
    again = [path.rpartition("/")[2] for method, path, _ in hub.log if method == "PUT"][n_puts:]
    assert not before & set(again)
    assert before < set(hub.objects)
    assert hub.repositories[SONGS].tags.keys() == {"1.0.0"}
    assert hub.token not in done.stdout + done.stderr


def test_a_server_that_stumbles_is_asked_again(publish: Callable[..., PublishReport], hub: Any) -> None:
    asked = [("GET", p) for p in ("whoami", "/tree/", "/refs")] + [("PUT", "/objects/")]
    asked += [("POST", p) for p in ("/create", "/preupload/", "/batch", "/commit/", "/tag/")]
    for method, part in asked:
        hub.fail(method, part, status=503, times=2)
    assert publish().state == "sent"
    assert all(hub.count(method, part) >= 3 for method, part in asked)
    assert hub.repositories[SONGS].tags.keys() == {"1.0.0"}
    assert len(hub.repositories[SONGS].commits) == 2


def test_an_answer_that_is_lost_does_no_harm(publish: Callable[..., PublishReport], hub: Any) -> None:
    for part in ("/create", "/commit/", "/tag/"):
        hub.fail("POST", part, status=502, after=True)
    assert publish().state == "sent"
    assert len(hub.repositories[SONGS].commits) == 2
    hub.fail("POST", "/commit/", status=502, after=True)
    assert publish("1.1.0", preview_per_class=0).state == "sent"  # files were removed once, not twice
    assert len(hub.repositories[SONGS].commits) == 3


def test_a_server_that_stays_down_is_one_clear_error(publish: Callable[..., PublishReport], hub: Any) -> None:
    hub.fail("POST", "/commit/", status=500, times=99)
    with pytest.raises(HubError, match=r"hub:me/songs \(commit\): status 500, .*run the same command again"):
        publish()
    assert hub.repositories[SONGS].tags == {}


def test_nobody_there_is_one_clear_error(
    publish: Callable[..., PublishReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match=r"hub:me/songs \(whoami\): ConnectError"):
        publish()


def test_the_token_is_needed_and_never_told(
    publish: Callable[..., PublishReport], hub: Any, data: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    wrong = "hf_" + "w" * 34
    monkeypatch.setenv("WRONG", wrong)
    with pytest.raises(HubError, match=r"status 401.*hf auth login") as raised:
        publish(token_from="WRONG")
    assert wrong not in str(raised.value)
    with pytest.raises(HubError, match="the environment variable MISSING is empty"):
        publish(token_from="MISSING")
    with pytest.raises(HubError, match="not logged in"):
        publish_dataset(data, f"hub:{SONGS}", PublishSettings(Version.parse("1.0.0")))
    publish()
    assert hub.token not in "".join(capfd.readouterr())
    assert all(token in ("", hub.token, wrong) for _, _, token in hub.log)
    assert all(not token for method, _, token in hub.log if method == "PUT")  # storage is not the hub
    assert not any(hub.token.encode() in content for content in hub.files(SONGS).values())


def test_the_token_of_the_login_is_used(data: Path, hub: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)
    settings = PublishSettings(Version.parse("1.0.0"))
    assert publish_dataset(data, f"hub:{SONGS}", settings).state == "sent"


def test_a_place_that_is_not_ours_is_refused(publish: Callable[..., PublishReport], hub: Any, fake_hub: Any) -> None:
    with pytest.raises(HubError, match=r"\(create\): status 403.*write access"):
        publish(to="hub:them/songs")
    other = fake_hub.Repository(is_private=True)
    other.commit({"model.bin": fake_hub.Blob(b"x", is_lfs=True)}, "theirs")
    hub.repositories["me/model"] = other
    with pytest.raises(OccupiedError, match=r"holds other things \(model\.bin\)"):
        publish(to="hub:me/model")
    assert len(other.commits) == 1


def test_another_dataset_is_not_written_over(publish: Callable[..., PublishReport], hub: Any) -> None:
    publish()
    repository = hub.repositories[SONGS]
    files = dict(repository.commits[-1][1])
    record = json.loads(files["publication.json"].content)
    record["songs"] = {f"x{song}": title for song, title in record["songs"].items()}
    files["publication.json"].content = json.dumps(record).encode()
    with pytest.raises(OccupiedError, match="holds another dataset"):
        publish("2.0.0")


def test_visibility_is_what_was_asked_for(publish: Callable[..., PublishReport], hub: Any) -> None:
    publish(is_public=True)
    assert not hub.repositories[SONGS].is_private
    with pytest.raises(OccupiedError, match="is public and this is to be private; say --public"):
        publish("1.1.0")
    publish(to="hub:me/own")
    with pytest.raises(OccupiedError, match="is private and this is to be public; open it by hand"):
        publish("1.1.0", to="hub:me/own", is_public=True)


def test_a_dry_run_asks_nobody(publish: Callable[..., PublishReport], hub: Any, data: Path) -> None:
    settings = PublishSettings(Version.parse("1.0.0"), include_media=True)
    report = publish_dataset(data, f"hub:{SONGS}", settings, is_dry_run=True, token_from="MISSING")
    assert report.state == "planned"
    assert hub.log == []
    assert leftovers(data) == []


def test_what_did_not_arrive_is_noticed(
    publish: Callable[..., PublishReport], hub: Any, monkeypatch: pytest.MonkeyPatch, fake_hub: Any
) -> None:
    real = fake_hub.Repository.commit

    def spoiled(self: Any, files: dict[str, Any], message: str) -> str:
        if "README.md" in files:
            files["README.md"].content = b"spoiled"
        return str(real(self, files, message))

    monkeypatch.setattr(fake_hub.Repository, "commit", spoiled)
    with pytest.raises(HubError, match=r"README\.md did not arrive as it was sent"):
        publish()
    assert hub.repositories[SONGS].tags == {}


def test_without_the_client_it_says_what_to_install(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(HubError, match=r"pip install 'whitelight\[publish\]'"):
        publish_dataset(data, f"hub:{SONGS}", PublishSettings(Version.parse("1.0.0")))


@pytest.mark.slow
def test_the_published_repository_streams_from_the_hub(
    publish: Callable[..., PublishReport], hub: Any, tmp_path: Path
) -> None:
    """What was sent and tagged opens as somebody who downloads it would open it."""
    datasets = pytest.importorskip("datasets")
    publish(include_media=True)
    for name, content in hub.files(SONGS, "1.0.0").items():
        (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "clone" / name).write_bytes(content)
    rows = datasets.load_dataset(str(tmp_path / "clone"), "training_full", split="test", streaming=True)
    assert sum(row["audio"] is not None for row in rows) > 0
