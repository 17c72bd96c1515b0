"""Word lists: inflections, cues, and what is refused."""

import shutil
from pathlib import Path

import pytest

import whitelight.dataset.rebracketing as package
from whitelight.dataset.rebracketing.cues import find_cues
from whitelight.dataset.rebracketing.forms import adjective_forms, noun_forms, verb_forms
from whitelight.dataset.rebracketing.lexicon import WordListError, load_lexicon
from whitelight.dataset.rebracketing.tense import Time, find_finite_verbs
from whitelight.dataset.rebracketing.words import read_words

FOLDER = Path(package.__file__).parent


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    for name in ("types.yml", "measures.yml", "verbs.yml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> Path:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    return folder


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (verb_forms("walk", {}), "walk walks walked walking"),
        (verb_forms("stop", {}), "stop stops stopped stopping"),
        (verb_forms("hide", {"hide": ("hid", "hidden")}), "hide hides hid hidden hiding"),
        (verb_forms("die", {}), "die dies died dying"),
        (verb_forms("cry", {}), "cry cries cried crying"),
        (verb_forms("play", {}), "play plays played playing"),
        (verb_forms("see", {"see": ("saw", "seen")}), "see sees saw seen seeing"),
        (verb_forms("watch", {}), "watch watches watched watching"),
        (noun_forms("echo", {}), "echo echoes"),
        (noun_forms("life", {"life": ("lives",)}), "life lives"),
        (noun_forms("key", {}), "key keys"),
        (adjective_forms("big"), "big bigger biggest bigly"),
        (adjective_forms("happy"), "happy happier happiest happily"),
    ],
)
def test_inflections(forms: frozenset[str], expected: str) -> None:
    assert forms == set(expected.split())


def test_forms_of_a_text() -> None:
    words = read_words("Can’t stop—won't; it’s ’90s, in 1997, at 7. Cannot? ‘Till")
    assert " ".join(words.forms) == "can n't stop , will n't , it 's <year> , in <year> , at <number> . can not ? till"
    assert words.n_words == 15


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("I was there and she sings", [Time.THEN, Time.NOW]),
        ("he has gone", [Time.THEN]),
        ("he has a boat", [Time.NOW]),
        ("I'd go", []),
        ("I'd gone", [Time.THEN]),
        ("we won't be told", [Time.AHEAD]),
        ("they wait, to be forgotten", [Time.NOW]),
        ("a red bed", []),
    ],
)
def test_finite_verbs(text: str, times: list[Time]) -> None:
    found = find_finite_verbs(read_words(text).forms, load_lexicon())
    assert [verb.time for verb in found] == times


def test_compound_tenses() -> None:
    found = find_finite_verbs(read_words("she had never gone where it was").forms, load_lexicon())
    assert [verb.is_compound for verb in found] == [True, False]


def test_longest_cue_wins_and_gaps_hold_one_word() -> None:
    lexicon = load_lexicon()
    words = read_words("buy me time, both near and far")
    hits = {words.forms[h.first] + " … " + words.forms[h.last] for h in find_cues(words, lexicon) if h.weight == 2}
    assert hits == {"buy … time", "both … and"}
    assert not [h for h in find_cues(read_words("both, and"), lexicon) if h.weight == 2], "a stop is no word"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("types.yml", "labyrinth/n,", "labyrinth/n, labyrinth/n,", "'labyrinth/n' stands there twice"),
        ("types.yml", "labyrinth/n,", "labyrinth/x,", "'labyrinth/x' cannot be read"),
        ("types.yml", "labyrinth/n,", "* labyrinth/n,", "begins or ends with any word"),
        ("types.yml", "  usual: >-", "  usaul: >-", "'usaul' is not known"),
        ("types.yml", "  means:", "  menas:", "expected the keys means"),
        ("measures.yml", "ceiling: 0.25", "ceiling: 0", "above 0"),
        ("measures.yml", "floor: 8\n", "", "expected the keys"),
        ("measures.yml", "memory_discrepancy:", "memory_dis:", "expected the keys"),
        ("verbs.yml", "tense:", "tenses:", "expected the keys"),
        ("verbs.yml", "  modals:", "  moodals:", "expected the keys"),
    ],
)
def test_lists_are_checked(lists: Path, name: str, old: str, new: str, message: str) -> None:
    with pytest.raises(WordListError, match=message.replace("*", r"\*")):
        load_lexicon(change(lists, name, old, new))


def test_a_word_added_is_a_word_found(lists: Path) -> None:
    lexicon = load_lexicon(change(lists, "types.yml", "labyrinth/n,", "labyrinth/n, quicksand,"))
    hits = find_cues(read_words("knee deep in quicksand"), lexicon)
    assert [lexicon.types[hit.owner] for hit in hits if hit.weight == 2] == [lexicon.types[0]]


def test_the_page_has_the_numbers_of_the_lists(repository: Path) -> None:
    page = (repository / "docs" / "rebracketing.md").read_text()
    lexicon = load_lexicon()
    for name, meaning in zip(lexicon.types, lexicon.meanings, strict=True):
        assert f"| `{name}` | {meaning} |" in page
    for name, settings in lexicon.settings.items():
        if "ceiling" in settings:
            assert f"| `{name}` | {settings['ceiling']:g} |" in page
    assert f"fewer than {lexicon.floor} words" in page
