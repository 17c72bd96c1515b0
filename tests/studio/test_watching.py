"""Outside edits are told: to everyone who listens, once, and only while somebody does."""

import asyncio
import json
import shutil
import threading
import time

import pytest

from whitelight.studio.library import SongLibrary, print_of
from whitelight.studio.routes import events
from whitelight.studio.watching import Change, Changes, change_between


def wait_until(is_so, seconds=5.0):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def changes(root):
    watching = Changes(SongLibrary(root), every_s=0.02)
    yield watching
    watching.close()


@pytest.fixture
def heard(changes):
    found: list[Change] = []
    changes.listen(found.append)
    time.sleep(0.15)  # the first look is what later ones are compared with
    return found


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("bass/review.yml", {"stages": ("bass",)}),
        ("chords/approved/new_a.mid", {"stages": ("chords",)}),
        ("melody/candidates/by-hand.mid", {"stages": ("melody",)}),
        ("song.yml", {"sheet": True}),
        ("arrangement.yml", {"arrangement": True}),
        ("song.mid", {"files": True}),
    ],
)
def test_a_change_says_what_is_new(heard, folder, song, file, expected):
    (folder / file).write_text("title: changed\n")
    wait_until(lambda: heard)
    (change,) = heard
    assert change.version
    assert change == Change(song, change.version, **expected)


def test_a_replaced_file_of_the_same_size_is_noticed(changes, heard, folder):
    review = folder / "drums" / "review.yml"
    new = folder / "drums" / ".new"
    new.write_bytes(review.read_bytes())
    shutil.copystat(review, new)
    new.replace(review)
    wait_until(lambda: heard)
    assert heard[0].stages == ("drums",)


def test_what_does_not_change_is_not_told(changes, heard, folder):
    for file in folder.rglob("*"):
        if file.is_file():
            file.read_bytes()
    time.sleep(0.2)
    assert heard == []


def test_a_song_that_goes_and_a_song_that_comes_are_told(root, folder, song, monkeypatch):
    monkeypatch.setattr("whitelight.studio.watching._FIND_EVERY_S", 0.02)
    watching, found = Changes(SongLibrary(root), every_s=0.02), []
    watching.listen(found.append)
    time.sleep(0.15)
    folder.rename(root / "renamed")
    wait_until(lambda: len(found) >= 2)
    watching.close()
    gone = next(change for change in found if change.song == song)
    come = next(change for change in found if change.song != song)
    assert gone.version == ""
    assert come.version
    assert come.sheet


def test_nothing_is_looked_at_while_nobody_listens(changes, heard, folder):
    stop = changes.listen(heard.append)
    other = [thread for thread in threading.enumerate() if thread.name == "studio-watching"]
    assert len(other) == 1
    stop()
    changes._listeners.clear()
    wait_until(lambda: not any(thread.name == "studio-watching" for thread in threading.enumerate()))
    late: list[Change] = []
    changes.listen(late.append)
    time.sleep(0.15)
    (folder / "song.yml").write_text("title: again\n")
    wait_until(lambda: late)
    assert heard == []


def test_a_listener_that_stops_hears_nothing_more(changes, heard, folder):
    second: list[Change] = []
    stop = changes.listen(second.append)
    stop()
    stop()  # twice is as good as once
    (folder / "song.yml").write_text("title: again\n")
    wait_until(lambda: heard)
    assert second == []


def test_two_equal_looks_have_nothing_between_them(folder):
    seen = print_of(folder)
    assert change_between("x", seen, print_of(folder)) is None
    assert change_between("x", seen, {}).version == ""


class Request:
    """As much of a request as a stream asks."""

    gone = False

    async def is_disconnected(self):
        return self.gone


async def lines_of(stream, n, seconds=5.0):
    return [await asyncio.wait_for(anext(stream), seconds) for _ in range(n)]


def test_events_tell_changes_and_end_with_the_server(client, folder, song, monkeypatch):
    monkeypatch.setattr("whitelight.studio.watching.LOOK_EVERY_S", 0.02)
    studio = client.app.state.studio
    studio.changes = Changes(studio.library, every_s=0.02)

    async def listening():
        stream = events._told(Request(), studio)
        assert (await lines_of(stream, 1))[0].startswith("retry:")
        await asyncio.sleep(0.15)
        (folder / "bass" / "review.yml").write_text("candidates:\n")
        (told,) = await lines_of(stream, 1)
        assert told.startswith("data: ")
        assert told.endswith("\n\n")
        change = json.loads(told.removeprefix("data: "))
        assert (change["song"], change["stages"], change["sheet"]) == (song, ["bass"], False)
        assert set(change) == {"song", "version", "stages", "sheet", "arrangement", "files"}
        studio.closing.set()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 3.0)

    asyncio.run(listening())
    assert studio.changes._listeners == []


def test_events_beat_and_end_with_the_client(client, monkeypatch):
    monkeypatch.setattr(events, "HEART_BEAT_S", 0.05)
    monkeypatch.setattr(events, "_LOOK_S", 0.02)
    studio = client.app.state.studio

    async def listening():
        request = Request()
        stream = events._told(request, studio)
        told = await lines_of(stream, 3)
        assert told[1:] == [": here\n\n"] * 2
        request.gone = True
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(stream), 3.0)

    asyncio.run(listening())
    assert studio.changes._listeners == []


def test_a_client_that_does_not_read_costs_a_bounded_queue(client, song, monkeypatch):
    monkeypatch.setattr(events, "_MOST_WAITING", 5)
    studio = client.app.state.studio

    async def listening():
        stream = events._told(Request(), studio)
        await lines_of(stream, 1)
        for number in range(50):
            studio.changes._tell(Change(song, str(number)))
        told = await lines_of(stream, 5)
        assert [json.loads(line[6:])["version"] for line in told] == list("01234")
        await stream.aclose()

    asyncio.run(listening())
