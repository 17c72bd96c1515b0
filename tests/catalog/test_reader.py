"""Reading songs from disk: what each field becomes, and what hostile or broken files do (never break the catalog)."""

import wave
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whitelight.catalog import Catalog, NoCatalogError, SettingsError, read_catalog
from whitelight.music import Key, Meter
from whitelight.ontology import ontology_from_classes

WriteSong = Callable[..., Path]


def codes(catalog: Catalog) -> set[str]:
    return {problem.code for problem in catalog.problems}


def errors(catalog: Catalog) -> list[str]:
    return [problem.code for problem in catalog.problems if problem.severity == "error"]


def test_a_song_has_what_its_manifest_says(root: Path, write_song: WriteSong) -> None:
    write_song(
        mood=["dark"],
        genres="Folk",
        sounds_like=[{"name": "Someone", "discogs_id": 1}, "Another"],
        concept="a  concept\nover lines",
        album_sequence=3,
        lrc="[00:16.000]la\n[00:20.000]li\n",
    )
    catalog = read_catalog(root)
    (song,) = catalog.songs
    assert (song.song_id, song.group_id, song.title, song.folder) == ("02_01", "02_01", "A Song", "02_01")
    assert (song.tempo_bpm, song.meter, song.musical_key) == (120.0, Meter(4, 4), Key.parse("F# minor"))
    assert (song.class_name, song.album, song.sequence) == ("Red", "Light Reading", 3)
    assert (song.mood, song.genres, song.sounds_like) == (("dark",), ("Folk",), ("Someone", "Another"))
    assert song.concept == "a concept over lines"
    assert [line.text for line in song.lyric_lines] == ["la", "li"]
    assert [(s.name, s.role, round(s.start_s, 1), round(s.end_s, 1)) for s in song.sections] == [
        ("Intro", "intro", 0.0, 16.0),
        ("Verse 1", "verse", 16.0, 64.0),
    ]
    (stem,) = song.stems
    assert (stem.stem_id, stem.view, stem.audio_file, stem.has_audio) == ("02_01/01", "bass", "02_01/bass.wav", False)
    assert errors(catalog) == []


def test_songs_are_in_order_of_their_ids_whatever_the_depth(root: Path, write_song: WriteSong) -> None:
    write_song("02_02")
    (root / "album").mkdir()
    write_song("02_01").parent.rename(root / "album" / "02_01")
    catalog = read_catalog(root)
    assert [song.song_id for song in catalog.songs] == ["02_01", "02_02"]
    assert catalog.songs[0].folder == "album/02_01"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"title: a\ntitle: b\n", "title"),
        (b"title: a\n\tbpm: 3\n", "line 2"),
        (b"title: [a\n", "manifest"),
        (b"title: caf\xe9\n", "UTF-8"),
        (b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
            b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 9)) for i in range(8)
        ), "aliases"),
        (b"", "empty file"),
        (b"- 1\n- 2\n", "list"),
        (b"\x00\x01", "manifest"),
        (b"title: !!python/object:os.system ls\n", "manifest"),
        (b"hello: world\n", "expected a song manifest"),
    ],
)  # fmt: skip
def test_a_broken_manifest_is_one_error_and_the_others_are_read(
    root: Path, write_song: WriteSong, content: bytes, message: str
) -> None:
    write_song("02_01")
    write_song("02_02").write_bytes(content)
    catalog = read_catalog(root)
    assert [song.song_id for song in catalog.songs] == ["02_01"]
    (error,) = [problem for problem in catalog.problems if problem.severity == "error"]
    assert (error.file, error.code) == ("02_02/02_02.yml", "manifest-unreadable")
    assert message in error.message or message == "manifest"


def test_a_wrong_field_is_left_out_and_the_rest_is_kept(root: Path, write_song: WriteSong) -> None:
    write_song(
        bpm="fast",
        album_sequence=[1],
        mood=["dark", {"a": 1}],
        structure=["Verse", {"section_name": "B", "start_time": {"x": 1}, "end_time": "[01:04.000]"}],
        audio_tracks=[{"id": 1, "description": "Bass", "audio_file": ["a", "b"]}, None],
        extra="x",
    )
    catalog = read_catalog(root)
    (song,) = catalog.songs
    assert (song.tempo_bpm, song.sequence, song.mood) == (None, None, ("dark",))
    assert (len(song.sections), len(song.stems)) == (2, 2)
    wrong = [problem for problem in catalog.problems if problem.code == "field-wrong"]
    assert {problem.message.split(":")[0] for problem in wrong} >= {"bpm", "album_sequence", "mood.1", "structure.0"}
    assert next(p.line for p in wrong if p.message.startswith("bpm")) == 3
    assert "field-unknown" in codes(catalog)
    assert errors(catalog) == []


def test_values_that_yaml_reads_otherwise_are_the_text_they_were(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    text = (
        path.read_text().replace('"title": "A Song"', "title: 1870").replace('"TRT": "[01:04.000]"', "TRT: [01:04.000]")
    )
    path.write_text(text + "release_date: 2017-07-18\n")
    (song,) = read_catalog(root).songs
    assert (song.title, song.release_date, round(song.duration_s, 3)) == ("1870", "2017-07-18", 64.0)


@pytest.mark.parametrize("name", ["../../secret.wav", "/etc/passwd", "..\\up.wav", "a/../../../x.wav"])
def test_paths_that_lead_out_are_not_opened(root: Path, write_song: WriteSong, name: str) -> None:
    (root.parent / "secret.wav").write_bytes(b"x")
    write_song(audio_tracks=[{"id": 1, "description": "Bass", "audio_file": name}], main_audio_file=name, lrc_file=name)
    catalog = read_catalog(root)
    (song,) = catalog.songs
    assert (song.stems[0].audio_file, song.main_audio_file, song.lyrics_file) == (None, None, None)
    assert errors(catalog) == ["path-outside"] * 3
    assert all(problem.line > 0 for problem in catalog.problems if problem.code == "path-outside")


def test_a_link_that_leads_out_is_not_opened(root: Path, write_song: WriteSong) -> None:
    (root.parent / "secret.mid").write_bytes(b"x")
    path = write_song(audio_tracks=[{"id": 1, "description": "Bass", "midi_file": "in.mid"}])
    (path.parent / "in.mid").symlink_to(root.parent / "secret.mid")
    assert errors(read_catalog(root)) == ["path-outside"]


def test_lyrics_without_stamps_are_an_error_and_lose_only_themselves(root: Path, write_song: WriteSong) -> None:
    write_song(lrc="la la la\nli li li\n")
    catalog = read_catalog(root)
    assert len(catalog.songs) == 1
    assert errors(catalog) == ["lrc-without-stamps"]


def test_lyrics_that_are_not_utf8_are_an_error(root: Path, write_song: WriteSong) -> None:
    path = write_song()
    path.with_suffix(".lrc").write_bytes(b"[00:01.000]caf\xe9")
    assert errors(read_catalog(root)) == ["lyrics-unreadable"]


def test_an_hour_added_to_all_lyrics_is_found_and_undone(root: Path, write_song: WriteSong) -> None:
    write_song(lrc="[60:16.651]a\n[60:20.412]b\n[60:24.938]c\n[60:30.770]d\n")
    catalog = read_catalog(root)
    assert [line.start_s for line in catalog.songs[0].lyric_lines] == pytest.approx([16.651, 20.412, 24.938, 30.77])
    assert next(c.offset_s for c in catalog.time_codes if c.file.endswith(".lrc")) == 3600
    assert "time-offset" in codes(catalog)


def test_one_late_lyric_line_is_a_slip_and_left_out(root: Path, write_song: WriteSong) -> None:
    write_song(lrc="[00:16.651]a\n[00:20.412]b\n[00:24.938]c\n[13:30.770]d\n")
    catalog = read_catalog(root)
    assert [line.text for line in catalog.songs[0].lyric_lines] == ["a", "b", "c"]
    assert "lyric-past-end" in codes(catalog)
    assert catalog.songs[0].duration_s == pytest.approx(64.0)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("rainbow_color", "Mauve", "class-unknown"),
        ("rainbow_color", "", "class-missing"),
        ("rainbow_color", "O", "class-differs-from-id"),
        ("key", "H moll", "key-unreadable"),
        ("tempo", "swing", "meter-unreadable"),
        ("tempo", "18/32", "meter-unusual"),
        ("TRT", "soon", "time-code-unreadable"),
        ("TRT", "[99999999:00.000]", "running-time-wrong"),
        ("lrc_file", "none.lrc", "lyrics-missing"),
    ],
)
def test_odd_values_are_reported_with_their_line_and_the_song_stays(
    root: Path, write_song: WriteSong, field: str, value: str, code: str
) -> None:
    write_song(**{field: value})
    catalog = read_catalog(root)
    assert len(catalog.songs) == 1
    assert errors(catalog) == []
    assert catalog.songs[0].duration_s == pytest.approx(64.0)
    problem = next(problem for problem in catalog.problems if problem.code == code)
    assert problem.line > 0
    assert problem.action


def test_absurd_times_leave_the_others_to_speak(root: Path, write_song: WriteSong) -> None:
    absurd = "[99999999:00.000]"
    structure = [
        {"section_name": "Verse", "start_time": "[00:00.000]", "end_time": "[00:16.000]"},
        {"section_name": "Chorus", "start_time": "[00:16.001]", "end_time": absurd},
    ]
    write_song(TRT=absurd, structure=structure, lrc=f"[00:01.000]a\n{absurd}b\n[00:20.000]c\n[00:25.000]d\n")
    catalog = read_catalog(root)
    assert {"running-time-wrong", "time-code-unreadable", "lrc-stamp-unreadable"} <= set(codes(catalog))
    assert 25 <= catalog.songs[0].duration_s <= 90
    assert [line.start_s for line in catalog.songs[0].lyric_lines] == pytest.approx([1.0, 10.5, 20.0, 25.0])


def test_repeated_ids_are_made_unique(root: Path, write_song: WriteSong) -> None:
    write_song("02_01", audio_tracks=[{"id": 1, "description": "a"}, {"id": 1, "description": "b"}])
    write_song("02_02", manifest_id="02_01")
    catalog = read_catalog(root)
    assert [song.song_id for song in catalog.songs] == ["02_01", "02_02"]
    assert [stem.stem_id for stem in catalog.songs[0].stems] == ["02_01/01", "02_01/01-2"]
    assert catalog.songs[1].stems[0].stem_id == "02_02/01"
    assert {"stem-id-repeated", "song-id-repeated"} <= codes(catalog)


def test_an_id_that_is_no_file_name_is_made_one(root: Path, write_song: WriteSong) -> None:
    write_song(manifest_id="../up and/away")
    assert read_catalog(root).songs[0].song_id == "_up_and_away"


def test_missing_media_is_one_remark_per_song(root: Path, write_song: WriteSong) -> None:
    write_song(audio_tracks=[{"id": i, "description": "x", "audio_file": f"{i}.wav"} for i in range(9)])
    missing = [problem for problem in read_catalog(root).problems if problem.code == "media-missing"]
    assert [(problem.severity, problem.message[:7]) for problem in missing] == [("info", "9 of 9 ")]


def test_a_group_file_is_given_to_the_first_stem_only(root: Path, write_song: WriteSong, midi_bytes: bytes) -> None:
    tracks = [{"id": i, "description": "Kick", "audio_file": f"{i}.wav", "midi_group_file": "d.mid"} for i in (1, 2)]
    path = write_song(audio_tracks=tracks)
    (path.parent / "d.mid").write_bytes(midi_bytes)
    (song,) = read_catalog(root).songs
    assert [(stem.midi_file, stem.has_midi) for stem in song.stems] == [("02_01/d.mid", True), (None, False)]


def test_audio_decides_the_duration(root: Path, write_song: WriteSong) -> None:
    path = write_song(main_audio_file="main.wav")
    with wave.open(str(path.parent / "main.wav"), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0\0" * 8000 * 70)
    catalog = read_catalog(root)
    assert catalog.songs[0].duration_s == pytest.approx(70.0)
    assert "running-time-wrong" in codes(catalog)


def test_broken_audio_is_an_error(root: Path, write_song: WriteSong) -> None:
    path = write_song(main_audio_file="main.wav")
    (path.parent / "main.wav").write_bytes(b"RIFF")
    assert errors(read_catalog(root)) == ["audio-unreadable"]


def test_the_hash_follows_manifest_lyrics_and_media(root: Path, write_song: WriteSong) -> None:
    path = write_song(lrc="[00:01.000]a")

    def digest() -> str:
        return read_catalog(root).songs[0].content_hash

    seen = [digest()]
    assert digest() == seen[0]
    path.with_suffix(".lrc").write_text("[00:01.000]b")
    seen.append(digest())
    (path.parent / "bass.wav").write_bytes(b"1")
    seen.append(digest())
    (path.parent / "bass.wav").write_bytes(b"2")
    seen.append(digest())
    path.write_text(path.read_text() + "concept: more\n")
    seen.append(digest())
    assert len(set(seen)) == 5


def test_overrides_win_and_unused_ones_are_reported(root: Path, write_song: WriteSong) -> None:
    write_song(lrc="[00:16.012]a\n[00:20.024]b\n[00:24.003]c\n")
    (root / "catalog.yml").write_text(
        "time_codes:\n  02_01/02_01.yml: {encoding: ms}\n  02_01/02_01.lrc: {encoding: 0FF@25, offset_s: 10}\n"
        "  gone.yml: {encoding: ms}\n"
    )
    catalog = read_catalog(root)
    found = {c.file: (c.encoding, c.source, c.confidence, c.offset_s) for c in catalog.time_codes}
    assert found == {
        "02_01/02_01.yml": ("ms", "override", 1.0, 0.0),
        "02_01/02_01.lrc": ("0FF@25", "override", 1.0, 10.0),
    }
    assert catalog.songs[0].lyric_lines[0].start_s == pytest.approx(6.48)
    assert "override-unused" in codes(catalog)


@pytest.mark.parametrize(
    "text",
    [
        "ontology: nowhere\n",
        "time_codes: {a.yml: {encoding: frames}}\n",
        "colour: red\n",
        "time_codes: 3\n",
        "time_codes: {a.yml: {offset_s: 1e9}}\n",
    ],
)
def test_wrong_settings_are_one_clear_error(root: Path, write_song: WriteSong, text: str) -> None:
    write_song()
    (root / "catalog.yml").write_text(text)
    with pytest.raises(Exception, match=r"catalog\.yml|nowhere") as raised:
        read_catalog(root)
    assert isinstance(raised.value, SettingsError) or "nowhere" in str(raised.value)


def test_the_ontology_comes_from_the_argument_the_settings_or_the_default(root: Path, write_song: WriteSong) -> None:
    write_song()
    assert read_catalog(root).ontology.name == "rainbow"
    (root / "catalog.yml").write_text("ontology: emopia\n")
    assert read_catalog(root).ontology.name == "emopia"
    own = ontology_from_classes("style", ["R", "S"])
    assert read_catalog(root, ontology=own).songs[0].class_name == "R"


def test_a_folder_without_songs_is_an_error_problem(root: Path) -> None:
    assert errors(read_catalog(root)) == ["catalog-empty"]


def test_a_folder_of_media_without_a_manifest_is_reported(root: Path, write_song: WriteSong) -> None:
    write_song()
    (root / "02_09").mkdir()
    (root / "02_09" / "a.wav").write_bytes(b"")
    assert "manifest-missing" in codes(read_catalog(root))


def test_no_folder_is_an_error(root: Path) -> None:
    with pytest.raises(NoCatalogError, match="no such folder"):
        read_catalog(root / "nowhere")


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats() | st.text(max_size=12) | st.just("[00:10.012]"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "start_time"]), inner),
    max_leaves=6,
)
FIELDS = ["bpm", "tempo", "key", "TRT", "structure", "audio_tracks", "mood", "sounds_like", "title", "rainbow_color",
          "lrc_file", "manifest_id", "album_sequence", "time_code", "main_audio_file", "split"]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), junk, max_size=5))
def test_no_value_anywhere_breaks_the_catalog(tmp_path: Path, fields: dict[str, object]) -> None:
    import json
    import math

    def finite(value: object) -> object:
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        if isinstance(value, list):
            return [finite(item) for item in value]
        return {k: finite(v) for k, v in value.items()} if isinstance(value, dict) else value

    folder = tmp_path / "c" / "02_01"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "02_01.yml").write_text(json.dumps({"title": "x", **{k: finite(v) for k, v in fields.items()}}))
    catalog = read_catalog(tmp_path / "c")
    assert len(catalog.songs) + len(errors(catalog)) >= 1
    for song in catalog.songs:
        assert all(0 <= section.start_s <= section.end_s for section in song.sections)
