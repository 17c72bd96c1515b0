"""The page is served while the features are loaded, and what needs them waits."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from whitelight.studio import app as app_module
from whitelight.studio.app import create_app
from whitelight.studio.loading import Loading
from whitelight.studio.state import NoModelError, Studio, StudioSettings


@pytest.fixture
def held(monkeypatch):
    """Features are not there before this is set."""
    ready = threading.Event()
    add = app_module._add_features

    def add_later(app):
        assert ready.wait(10)
        add(app)

    monkeypatch.setattr(app_module, "_add_features", add_later)
    return ready


def opened(root):
    settings = StudioSettings(root, port=8765)
    headers = {"x-studio-token": settings.token}
    return TestClient(create_app(settings, at_once=False), base_url="http://127.0.0.1:8765", headers=headers)


def test_the_page_does_not_wait_but_features_do(root, held, song):
    with opened(root) as client, ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(client.get, f"/api/songs/{song}")
        assert client.get("/nothing").status_code == 404
        assert not waiting.done()
        held.set()
        assert waiting.result(10).json()["title"] == "Kitchen Light"
        assert client.get("/api/songs").status_code == 200


def test_a_feature_that_cannot_be_loaded_is_said_and_not_waited_for(root, monkeypatch):
    def broken(_app):
        raise ImportError("a part is missing")

    monkeypatch.setattr(app_module, "_add_features", broken)
    with opened(root) as client, pytest.raises(ImportError, match="a part is missing"):
        client.get("/api/songs")


def test_loading_at_once_raises_at_once():
    def broken():
        raise ImportError("a part is missing")

    with pytest.raises(ImportError, match="a part is missing"):
        Loading().run(broken)


def test_a_mistake_of_our_own_is_one_line_to_the_page(root, monkeypatch, song):
    def broken(*_):
        raise ZeroDivisionError("secret details in /srv/here")

    monkeypatch.setattr("whitelight.studio.state.Studio.card", broken)
    settings = StudioSettings(root, port=8765)
    headers = {"x-studio-token": settings.token}
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8765", headers=headers, raise_server_exceptions=False) as client:
        answer = client.get(f"/api/songs/{song}")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "terminal" in answer.json()["error"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_without_a_model_nothing_is_scored(root):
    studio = Studio(StudioSettings(root))
    with pytest.raises(NoModelError, match="--model MODEL"):
        _ = studio.scorer
    assert studio.dataset is None
    studio.close()
    studio.close()
