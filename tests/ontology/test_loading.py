import pytest

from whitelight.files import UnreadableFileError
from whitelight.ontology import (
    InvalidOntologyError,
    Ontology,
    Target,
    load_ontology,
    ontology_from_classes,
    shipped_ontologies,
)

SMALL = """
name: small
axes:
  - {name: weather, modes: [dry, wet], aliases: [climate]}
classes:
  - {name: Desert, letter: D, modes: {weather: dry}}
  - {name: Marsh, letter: M, modes: {climate: [wet]}}
"""

# the Rainbow Table, letter by letter
TABLE = {
    "Black": ("Z", "01", "231F20", "The Conjurer's Thread", (), (), ()),
    "Red": ("R", "02", "AE1E36", "Light Reading", ("past",), ("thing",), ("known",)),
    "Orange": ("O", "03", "EF7143", "Ruine", ("past",), ("thing",), ("imagined",)),
    "Yellow": ("Y", "04", "FFFF00", "Pulsar Palace", ("future",), ("place",), ("imagined",)),
    "Green": ("G", "05", "ABD96D", "The Empty Fields", ("future",), ("place",), ("forgotten",)),
    "Blue": ("B", "06", "042A7B", "Taped Over", ("present",), ("person",), ("forgotten",)),
    "Indigo": ("I", "07", "26294A", "Infranyms", (), (), ("forgotten", "known")),
    "Violet": ("V", "08", "AD85D6", "Vanity Pressing", ("present",), ("person",), ("known",)),
    "White": ("A", "09", "F6F6F6", "to be made", (), (), ()),
}


def write(tmp_path, text):
    file = tmp_path / "own.yml"
    file.write_text(text)
    return file


def test_rainbow_is_the_table_of_the_specification():
    rainbow = load_ontology("rainbow")
    assert [(a.name, a.modes) for a in rainbow.axes] == [
        ("temporal", ("past", "present", "future")),
        ("spatial", ("thing", "place", "person")),
        ("ontological", ("imagined", "forgotten", "known")),
    ]
    found = {c.name: (c.letter, c.prefix, c.hex, c.album, *c.modes.values()) for c in rainbow.classes}
    assert found == TABLE
    assert rainbow.resolve_class("Black").transmigration == ("space", "time", "information")
    assert rainbow.resolve_class("White").transmigration == ("information", "time", "space")


def test_rainbow_carries_its_licence(repository):
    text = (repository / "src/whitelight/ontology/rainbow.yml").read_text()
    assert "CC BY-SA 4.0" in text
    assert "The Earthly Frames" in text


def test_emopia_has_the_four_quadrants():
    emopia = load_ontology("emopia")
    points = {c.name: (c.modes["arousal"][0], c.modes["valence"][0]) for c in emopia.classes}
    assert points == {
        "Q1": ("high", "positive"),
        "Q2": ("high", "negative"),
        "Q3": ("low", "negative"),
        "Q4": ("low", "positive"),
    }
    assert shipped_ontologies() == ("emopia", "rainbow")


def test_aliases_are_read_and_never_written(tmp_path):
    small = load_ontology(write(tmp_path, SMALL))
    assert small.axis("climate").name == "weather"
    assert small.resolve_class("Marsh").modes == {"weather": ("wet",)}
    assert small.to_dict()["classes"][1]["modes"] == {"weather": ["wet"]}
    assert load_ontology("rainbow").axis("Objectional").name == "spatial"


def test_hash_is_of_the_content_not_of_the_layout(tmp_path):
    first = load_ontology(write(tmp_path, SMALL))
    spread_out = """# the same, spread out
classes:
- modes: {climate: dry}
  letter: "D"
  name: Desert
- name: Marsh
  letter: M
  modes:
    weather: wet
axes:
- name: weather
  aliases:
  - climate
  modes:
  - dry
  - wet
name: "small"
"""
    assert load_ontology(write(tmp_path, spread_out)).hash == first.hash
    assert load_ontology(write(tmp_path, SMALL.replace("Marsh", "Moor"))).hash != first.hash


@pytest.mark.parametrize("name", ["rainbow", "emopia"])
def test_a_dictionary_makes_the_same_ontology_again(name):
    ontology = load_ontology(name)
    assert Ontology.from_dict(ontology.to_dict()) == ontology


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("modes: {weather: dry}", "modes: {wether: dry}", "names axis 'wether'; there is weather"),
        ("modes: {weather: dry}", "modes: {weather: dusty}", "'dusty' is no mode of 'weather'; there is dry, wet"),
        ("modes: {weather: dry}", "modes: {weather: [dry, wet]}", "every mode of 'weather', which says nothing"),
        ("modes: {weather: dry}", "modes: {weather: dry, climate: dry}", "'weather' twice"),
        ("letter: M", "letter: d", "'d' occurs twice"),
        ("letter: M", "letter: desert", "occurs twice"),
        ("letter: M", "letter: 7", "found 7, expected text; put it in quotes"),
        ("letter: M", "hex: 12G456", "'12G456' of class 'Marsh' is not six hexadecimal digits"),
        ("letter: M", "colour: M", "colour: unknown entry"),
        ("modes: [dry, wet]", "modes: [dry]", "at least 2"),
        ("modes: [dry, wet]", "modes: [dry, dry]", "occurs twice"),
        ("name: weather", "name: The Weather", "lower-case letters"),
        ("name: small\n", "", "name: Field required"),
        ("  - {name: Marsh, letter: M, modes: {climate: [wet]}}\n", "", "1 classes; an ontology needs at least 2"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_what(tmp_path, old, new, message):
    assert old in SMALL
    with pytest.raises(InvalidOntologyError, match=message):
        load_ontology(write(tmp_path, SMALL.replace(old, new)))


def test_what_is_no_ontology_is_refused(tmp_path):
    with pytest.raises(InvalidOntologyError, match="neither shipped \\(emopia, rainbow\\) nor a file"):
        load_ontology("ultraviolet")
    with pytest.raises(InvalidOntologyError, match="found list"):
        load_ontology(write(tmp_path, "- a\n- b\n"))
    with pytest.raises(UnreadableFileError, match="line"):
        load_ontology(write(tmp_path, "a: [1\nb: 2"))


def test_classes_of_a_column_become_one_axis():
    ontology = ontology_from_classes("Main Style", ["rock", "jazz", "rock", "hip-hop"])
    assert ontology.axis_names == ("main_style",)
    assert ontology.class_names == ontology.axes[0].modes == ("rock", "jazz", "hip-hop")
    assert ontology.axis_targets("jazz")["main_style"].tolist() == [0.0, 1.0, 0.0]
    with pytest.raises(InvalidOntologyError, match="at least 2"):
        ontology_from_classes("style", ["rock", "rock"])
    with pytest.raises(InvalidOntologyError, match="occurs twice"):
        ontology_from_classes("style", ["rock", "Rock"])


def test_the_documented_file_loads_and_its_targets_parse(repository, tmp_path):
    text = (repository / "docs/formats.md").read_text()
    section = text[text.index("## Ontology file") :]
    ontology = load_ontology(write(tmp_path, section.split("```yaml\n")[1].split("```")[0]))
    assert ontology.class_names == ("Winter", "Spring", "Storm")
    targets = section[section.index("A target is written") :].split("\n## ")[0]
    written = targets.split("`")[1::2]
    assert len(written) == 7
    for target in written:
        assert Target.parse(target, ontology).axes
