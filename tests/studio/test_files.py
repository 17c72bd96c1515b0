"""Exports are downloaded by name; nothing else is."""

import io
import zipfile

import pytest

from whitelight.composition.exports import export_song

KINDS = ("midi", "stems", "musicxml", "dawproject", "lrc")


@pytest.fixture
def url(song):
    return f"/api/songs/{song}/files"


def test_every_export_comes_as_an_attachment(client, url, folder):
    export_song(folder, KINDS)
    (folder / "preview.wav").write_bytes(b"RIFF")
    for name in ("song.mid", "song.musicxml", "song.dawproject", "lyrics.lrc", "preview.wav"):
        answer = client.get(f"{url}/{name}")
        assert answer.status_code == 200, name
        assert answer.content == (folder / name).read_bytes()
        assert answer.headers["content-disposition"] == f'attachment; filename="kitchen-light-{name}"'
        assert "html" not in answer.headers["content-type"]


def test_stems_come_in_one_archive(client, url, folder):
    export_song(folder, KINDS)
    (folder / "stems" / "notes.txt").write_text("mine")
    answer = client.get(f"{url}/stems.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="kitchen-light-stems.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        expected = {f"stems/{path.name}": path.read_bytes() for path in (folder / "stems").glob("*.mid")}
        assert len(expected) > 6
        assert {name: archive.read(name) for name in archive.namelist()} == expected
    assert client.get(f"{url}/stems.zip").content == answer.content


@pytest.mark.parametrize(
    "name",
    ["song.yml", "arrangement.yml", "..%2Fsong.yml", "%2e%2e%2fsong.mid", "stems", "stems%2Fdrums.mid", "SONG.MID",
     "song.mid%00", "C:song.mid", "~"],
)  # fmt: skip
def test_nothing_else_comes(client, url, folder, name):
    export_song(folder, KINDS)
    answer = client.get(f"{url}/{name}")
    assert answer.status_code in (404, 422)
    assert str(folder.parent) not in answer.text


@pytest.mark.parametrize("name", ["song.mid", "stems.zip"])
def test_what_was_not_exported_is_said(client, url, name):
    answer = client.get(f"{url}/{name}")
    assert answer.status_code == 404
    assert "export it first" in answer.json()["error"]


@pytest.mark.parametrize(("link", "name"), [("song.mid", "song.mid"), ("stems/drums.mid", "stems.zip")])
def test_a_link_that_leads_out_is_not_followed(client, url, tmp_path, link, name):
    folder = tmp_path / "songs" / "kitchen_light"
    (tmp_path / "secret").write_text("secret")
    (folder / "stems").mkdir()
    (folder / link).symlink_to(tmp_path / "secret")
    answer = client.get(f"{url}/{name}")
    assert answer.status_code in (403, 404)
    assert "secret" not in answer.text
