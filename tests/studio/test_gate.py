"""Hostile requests: who may come in, what may be asked for, and what an answer may give away."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from whitelight.studio.app import create_app
from whitelight.studio.errors import public
from whitelight.studio.security import MAX_BODY_BYTES
from whitelight.studio.state import StudioSettings

BASE = "http://127.0.0.1:8765"


@pytest.fixture
def stranger(client):
    """The same studio without the token."""
    with TestClient(client.app, base_url=BASE, follow_redirects=False) as opened:
        yield opened


@pytest.fixture
def token(client):
    return client.app.state.studio.settings.token


def test_nothing_is_served_without_the_token(stranger, song):
    for path in (
        "/",
        "/static/app.js",
        "/api/songs",
        f"/api/songs/{song}",
        "/api/events",
        "/nothing",
        "/docs",
        "/openapi.json",
    ):
        answer = stranger.get(path)
        assert answer.status_code == 403, path
        assert list(answer.json()) == ["error"]
    assert stranger.put(f"/api/songs/{song}/arrangement", json={}).status_code == 403


def test_the_opened_address_becomes_a_cookie(stranger, token):
    answer = stranger.get(f"/?token={token}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == "whitelight_studio_8765"
    assert cookie["httponly"]
    assert cookie["samesite"].casefold() == "strict"
    assert not cookie["domain"]
    assert stranger.get("/").status_code == 200  # the client has kept it
    assert stranger.get("/api/songs").status_code == 200


@pytest.mark.parametrize("given", ["", "x", "é", "%00", "a" * 10_000])
def test_a_wrong_token_opens_nothing(stranger, given):
    assert stranger.get(f"/?token={given}").status_code == 403
    assert stranger.get("/api/songs", headers={"x-studio-token": quote(given)}).status_code == 403
    assert stranger.get("/api/songs", headers={"cookie": f"whitelight_studio_8765={quote(given)}"}).status_code == 403


def test_the_token_counts_only_in_the_address_of_the_page(stranger, token):
    assert stranger.get(f"/api/songs?token={token}").status_code == 403
    assert stranger.post(f"/?token={token}").status_code == 403


def test_tokens_are_long_and_new_each_time(tmp_path):
    tokens = {StudioSettings(tmp_path).token for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 43
    assert next(iter(tokens)) not in repr(StudioSettings(tmp_path))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8765.evil.example", ""]
)
def test_another_host_is_refused_even_with_the_token(client, host):
    answer = client.get("/api/songs", headers={"host": host})
    assert answer.status_code == 403


def test_localhost_is_the_same_computer(client):
    assert client.get("/api/songs", headers={"host": "localhost:8765"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:8765", "http://127.0.0.1:8766", "file://"]
)
def test_another_origin_is_refused_even_with_the_token(client, song, origin):
    assert client.get("/api/songs", headers={"origin": origin}).status_code == 403
    answer = client.put(f"/api/songs/{song}/arrangement", json={}, headers={"origin": origin})
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_our_own_origin_may_write(client):
    assert client.post("/api/nothing", headers={"origin": BASE}).status_code == 404


def test_every_answer_carries_the_rules_of_the_page(client, stranger):
    for answer in (client.get("/"), client.get("/api/songs"), client.get("/nothing"), stranger.get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http:" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "server" not in answer.headers
    assert client.get("/api/songs").headers["cache-control"] == "no-store"


def test_a_preflight_gets_no_permission(client):
    asked = {"origin": "http://evil.example", "access-control-request-method": "PUT"}
    answer = client.options("/api/songs", headers=asked)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/static/", "/static/../app.py", "/static/%2e%2e%2fapp.py"]
)
def test_there_are_no_other_pages(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW", "PROPFIND"])
def test_odd_methods_are_refused(client, song, method):
    answer = client.request(method, f"/api/songs/{song}")
    assert answer.status_code == 405
    assert list(answer.json()) == ["error"]


def test_read_only_refuses_whatever_could_write(make_client, song, folder):
    client = make_client(read_only=True)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for path in (
            f"/api/songs/{song}/arrangement",
            f"/api/songs/{song}/stages/chords/marks",
            f"/api/songs/{song}/promotion",
            "/api/x",
        ):
            answer = client.request(method, path, json={})
            assert answer.status_code == 403, (method, path)
            assert "--read-only" in answer.json()["error"]
    assert client.get("/api/songs").json()["read_only"] is True
    assert client.get(f"/api/songs/{song}/stages/chords").status_code == 200
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_large_body_is_refused_however_it_is_sent(client, song):
    path = f"/api/songs/{song}/arrangement"
    assert client.put(path, content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    assert client.put(path, content=iter([b"x" * 100_000] * 11)).status_code == 413  # in chunks, without a length
    assert client.put(path, content=b"x" * 10, headers={"content-length": "99999999999"}).status_code == 413
    assert client.put(path, content=b"x" * 10, headers={"content-length": "-1"}).status_code == 413
    assert client.put(path, content=iter([b"{}"])).status_code in (400, 422)
    assert client.get("/api/songs").status_code == 200


def test_bodies_that_are_no_request_are_refused_in_one_line(client, song):
    path = f"/api/songs/{song}/arrangement"
    for body in (b"", b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b"null", b'{"client": 5, "x": []}'):
        answer = client.put(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (400, 422), body[:20]
        assert isinstance(answer.json()["error"], str)
        assert len(answer.json()["error"]) < 400


SONG_PATHS = (
    "/api/songs/{}", "/api/songs/{}/stages/chords", "/api/songs/{}/context?section=verse", "/api/songs/{}/audio/song.wav",
    "/api/songs/{}/stages/chords/rolls?id=a", "/api/songs/{}/arrangement", "/api/songs/{}/files/song.mid",
)  # fmt: skip
OWN_PATHS = (
    "/api/songs/SONG/stages/{}", "/api/songs/SONG/stages/{}/rolls?id=a", "/api/songs/SONG/audio/{}/a.wav",
    "/api/songs/SONG/audio/chords/{}.wav", "/api/songs/SONG/audio/approved/chords/{}.wav", "/api/songs/SONG/files/{}",
    "/api/songs/SONG/audio/approved/{}/a.wav", "/static/{}", "/{}",
    "/api/songs/SONG/stages/chords/rolls?id={}", "/api/songs/SONG/context?section={}", "/api/songs/SONG/context?section=verse&variant={}",
)  # fmt: skip
CLIMBS = ("../../etc/passwd", "..\\..\\x", "kitchen_light", "a\0b", "secret", "%252e%252e%252f")


@pytest.mark.parametrize("climb", CLIMBS, ids=range(len(CLIMBS)))
def test_no_parameter_is_a_path(client, song, root, folder, climb):
    (root.parent / "secret").write_text("TOP SECRET")
    (root.parent / "secret.mid").write_text("TOP SECRET")
    for pattern in (*SONG_PATHS, *OWN_PATHS):
        for spelled in (quote(climb, safe=""), quote(climb)):
            answer = client.get(pattern.replace("SONG", song).format(spelled))
            text = answer.text
            is_search = "rolls?id={}" in pattern or "variant={}" in pattern  # the rest of the answer is there
            is_page = not spelled.strip("./")  # the client resolves these itself
            assert answer.status_code in (400, 403, 404, 422) or is_search or is_page, (
                pattern,
                spelled,
                answer.status_code,
            )
            assert "SECRET" not in text
            assert "root:" not in text
            assert str(root) not in text
            assert "Traceback" not in text


def test_no_answer_tells_where_the_files_lie(client, song, root, folder):
    (folder / "melody" / "review.yml").write_text(": [")
    (folder / "drums" / "candidates").rename(folder / "drums" / "gone")
    (folder / "bass" / "approved" / "verse_a.mid").write_bytes(b"no midi")
    texts = [
        client.get(path.replace("SONG", song)).text
        for path in (
            "/api/songs", "/api/songs/SONG", "/api/songs/SONG/stages/melody", "/api/songs/SONG/stages/drums", "/api/songs/SONG/stages/harp",
            "/api/songs/SONG/context?section=verse&variant=a", "/api/songs/SONG/context?section=nowhere", "/api/songs/SONG/audio/song.wav",
            "/api/songs/SONG/arrangement", "/api/songs/SONG/song", "/api/songs/SONG/files/song.mid",
            f"/api/songs/SONG/stages/drums/rolls?id={client.get(f'/api/songs/{song}/stages/drums').json()['candidates'][0]['id']}",
        )
    ]  # fmt: skip
    for text in texts:
        assert str(root) not in text
        assert str(Path.home()) not in text


def test_a_stage_that_is_a_link_out_is_not_read(client, song, root, folder, tmp_path):
    (folder / "bass" / "approved").rename(tmp_path / "approved")
    (folder / "bass" / "approved").symlink_to(tmp_path / "approved")
    answer = client.get(f"/api/songs/{song}/context?section=verse&variant=a")
    assert answer.status_code == 403
    assert answer.json()["error"] == "bass/approved is a link out of the studio's folder; replace it by a copy"
    library = client.get("/api/songs").json()
    assert library["songs"] == []
    assert library["problems"] == [
        "kitchen_light: bass/approved is a link out of the studio's folder; replace it by a copy"
    ]


def test_a_review_cannot_name_a_file_outside(client, song, folder, root, candidate):
    (root.parent / "secret.mid").write_bytes((folder / "bass" / "approved" / "verse_a.mid").read_bytes())
    review = folder / "chords" / "review.yml"
    name = candidate()
    review.write_text(review.read_text().replace(f'"candidates/{name}.mid"', '"../../../secret.mid"'))
    found = client.get(f"/api/songs/{song}/stages/chords/rolls?id={name}").json()
    assert found["rolls"] == {}
    assert "points outside its folder" in found["problems"][name]
    stage = client.get(f"/api/songs/{song}/stages/chords").json()
    assert [one["id"] for one in stage["candidates"] if not one["exists"]] == [name]


def test_markup_in_names_stays_text(client, song, folder):
    markup = "<img src=x onerror=alert(1)>"
    sheet = folder / "song.yml"
    sheet.write_text(sheet.read_text().replace("title: Kitchen Light", f'title: "{markup}</script>"'))
    review = folder / "chords" / "review.yml"
    review.write_text(
        review.read_text().replace("notes:", f'notes: "{markup}"', 1).replace("label:", f'label: "{markup}"', 1)
    )
    answer = client.get(f"/api/songs/{song}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["title"] == f"{markup}</script>"
    first = client.get(f"/api/songs/{song}/stages/chords").json()["candidates"][0]
    assert (first["notes"], first["label"]) == (markup, markup)
    assert markup not in client.get("/").text


def test_two_clients_at_once_get_the_same(client, song):
    paths = [
        f"/api/songs/{song}",
        f"/api/songs/{song}/stages/melody",
        f"/api/songs/{song}/context?section=verse&variant=a",
        "/api/songs",
    ]
    expected = [client.get(path).content for path in paths]
    with ThreadPoolExecutor(2) as both:
        for answers in both.map(lambda _: [client.get(path).content for path in paths], range(8)):
            assert answers == expected


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_error_lines_lose_every_absolute_path(text):
    root = Path("/srv/music/songs")
    told = public(f"{text} {root}/a/song.yml: gone; see /home/someone/private/file.txt", root)
    assert "/srv/music" not in told
    assert "/home/someone" not in told


def test_error_lines_keep_what_is_no_path():
    text = "meter 4/4 in chords/review.yml line 3: C#sus4/G# and 2/3; see web/, 50 km/h, a // b"
    assert public(text, Path("/srv/songs")) == text
    assert public("/srv/songs/a/song.yml: no title", Path("/srv/songs")) == "a/song.yml: no title"
    assert public("C:\\Users\\me\\songs\\song.yml is gone") == "song.yml is gone"


@pytest.mark.slow
def test_a_raw_socket_gets_nothing_either(root):
    """What a client library would not send: two hosts, no host, smuggled lines, a body that never ends."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        settings = StudioSettings(root, port=port)
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="critical", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            for _ in range(100):
                if server.started:
                    break
                time.sleep(0.05)
            own = f"Host: 127.0.0.1:{port}\r\nX-Studio-Token: {settings.token}\r\n"
            assert ask(port, f"GET /api/songs HTTP/1.1\r\n{own}Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
            assert b" 200 " not in ask(port, f"GET /api/songs HTTP/1.1\r\n{own}Host: evil\r\nConnection: close\r\n\r\n")
            assert b" 200 " not in ask(port, f"GET /api/songs HTTP/1.0\r\nX-Studio-Token: {settings.token}\r\n\r\n")
            assert b" 200 " not in ask(port, f"GET /../../etc/passwd HTTP/1.1\r\n{own}Connection: close\r\n\r\n")
            chunk = "10000\r\n" + "x" * 0x10000 + "\r\n"
            endless = f"PUT /api/songs/a/arrangement HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n" + chunk * 40
            assert b" 413 " in ask(port, endless).split(b"\r\n")[0]
        finally:
            server.should_exit = True
            thread.join(timeout=10)
    assert not thread.is_alive()


def ask(port: int, text: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as opened:
        with suppress(BrokenPipeError, ConnectionResetError):
            opened.sendall(text.encode())
        found = b""
        with suppress(TimeoutError, ConnectionResetError):
            while part := opened.recv(65536):
                found += part
                if b" 413 " in found:
                    break
        return found
