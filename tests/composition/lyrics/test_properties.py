"""Any melody, any meter, any corpus: words come out, sit on notes, and nothing is copied."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whitelight.composition.lyrics import STAGE, LyricBrief, bank, genome_from_dict, learn_words
from whitelight.composition.lyrics.bank import plain
from whitelight.music import read_midi

METERS = ("4/4", "3/4", "5/4", "6/8", "7/8", "2+2+3/8", "11/8", "2/2", "15/16", "1/4")
NOTES = st.lists(st.tuples(st.integers(0, 140), st.integers(1, 30), st.integers(36, 96)), min_size=1, max_size=70)
LINES = st.lists(st.text(alphabet=st.sampled_from("abdeghilmnorstuy'’-‑ ,.!—éüñжд日🌊I"), max_size=50), max_size=60)


@pytest.mark.parametrize("meter", METERS)
def test_every_meter_keeps_stress_where_it_can(sung, meter):
    craft = STAGE.craft(sung(meter=meter), None)
    rng = np.random.default_rng(1)
    rules = [craft.play(craft.compose(rng)).terms["stress_rule"] for _ in range(12)]
    known = [rule for rule in rules if rule is not None]
    assert not known or np.mean(known) >= 0.85


@pytest.fixture(scope="module")
def small_banks():
    """Fewer tries than a song gets, since every example makes a bank of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bank, "N_TRIES", 400)
        bank.line_bank.cache_clear()
        yield
    bank.line_bank.cache_clear()


@settings(max_examples=40)
@given(NOTES, st.sampled_from(METERS), st.sampled_from((4, 8)), st.sampled_from(("verse", "chorus", "bridge", "x")))
def test_any_melody_gets_words(sung, rows, meter, n_bars, role):
    end = 16 * n_bars
    context = sung([(start, length, pitch) for start, length, pitch in rows if start < end // 4], meter=meter, n_bars=n_bars, role=role)  # fmt: skip
    if not len(context.notes_of("melody")):
        return
    craft = STAGE.craft(context, None)
    rng = np.random.default_rng(0)
    first, second = craft.compose(rng), craft.compose(rng)
    onsets = set(context.notes_of("melody").onset_tick.tolist())
    for genome in (first, craft.mutate(first, rng), craft.cross(first, second, rng)):
        played = craft.play(genome)
        piece = read_midi(played.midi)
        assert piece.end_tick == context.end_tick
        assert {event.tick for event in piece.midi_tracks[0].lyrics} <= onsets
        for lines in genome.stanzas:
            for line, phrase in zip(lines, craft.setting.phrases, strict=True):
                assert list(line.notes) == sorted(line.notes)
                assert all(0 <= note < len(phrase) for note in line.notes)


@settings(max_examples=10)
@given(LINES)
def test_any_corpus_teaches_or_is_helped_out(sung, small_banks, lines):
    style = learn_words(lines)
    assert style.source in ("corpus", "corpus and shipped lines", "shipped lines")
    craft = STAGE.craft(sung(), LyricBrief(style, "I’m the Half-Light", "жить — 日本 and the sea"))
    genome = craft.compose(np.random.default_rng(0))
    craft.play(genome)
    assert genome_from_dict(json.loads(genome.to_json())) == genome
    for stanza in genome.stanzas:
        for line in stanza:
            words = [plain(word) for word in line.words]
            assert len(words) < 5 or not style.copies(words)
