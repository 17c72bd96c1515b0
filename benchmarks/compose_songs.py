"""Whole songs by themselves: how long one takes, whether any fails, and whether a judge names the class it was made for.

    python benchmarks/compose_songs.py OUT --model MODEL --dataset DATASET [--judge JUDGE] [--songs 100] [--usual] [--jobs 2]

Songs go through all classes in turn; without `--usual` through 12 tonics, 7 modes, meters from 3/4 to 11/8 and 40 to 220 bpm as well, with it
they have the two usual keys, the meter and the tempo of their class. Songs that are finished in OUT are not made again. With a judge
(``train fusion --judge``) the class it gives each finished song.mid is counted. Then: benchmarks/songs.py OUT counts the music.
"""

import argparse
import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

from judge import usual

from whitelight.catalog import propose_from_words
from whitelight.composition import compose_song, new_song
from whitelight.composition.arrangement import write_song
from whitelight.composition.catalog_styles import learn_grammar, learn_styles
from whitelight.composition.new_song import songs_beside
from whitelight.errors import WhitelightError
from whitelight.scoring import ChromaticScorer

TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MODES = ("major", "dorian", "phrygian", "lydian", "mixolydian", "minor", "locrian")
METERS = ("4/4", "3/4", "4/4", "6/8", "4/4", "5/8", "4/4", "7/8", "4/4", "11/8")
TEMPI_BPM = (96, 72, 120, 40, 84, 140, 104, 180, 66, 220, 112, 54, 132)


def wishes(number: int, class_name: str, habits: Any) -> dict[str, Any]:
    """What the song of a number should be."""
    if habits is not None:
        keys, meter, tempo_bpm = habits
        key = keys[number // 8 % len(keys)]
        return {"title": f"Usual {number}", "color": class_name, "key": str(key), "meter": str(meter), "bpm": tempo_bpm}
    key = f"{TONICS[number % 12]} {MODES[number % 7]}"
    meter, bpm = METERS[number % len(METERS)], TEMPI_BPM[number % len(TEMPI_BPM)]
    return {"title": f"Song {number}", "color": class_name, "key": key, "meter": meter, "bpm": bpm}


def main() -> None:
    """Compose, then print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--songs", type=int, default=100)
    parser.add_argument("--usual", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    scorer = ChromaticScorer(options.model)
    names = [n for n, p in zip(scorer.ontology.class_names, scorer.parts.prior, strict=False) if p > 0]
    habits = {name: usual(options.dataset, name) if options.usual else None for name in names}
    styles = {name: learn_styles(options.dataset, [name]) for name in names}
    grammar, seconds, failed = learn_grammar(options.dataset), list[float](), list[str]()
    for number in range(options.songs):
        name = names[number % len(names)]
        folder = options.out / f"song-{number:03d}"
        if (folder / "song.mid").exists():
            continue
        try:
            proposal = propose_from_words(wishes(number, name, habits[name]), scorer.ontology)
            new_song(proposal, folder, grammar=grammar, ontology=scorer.ontology, neighbors=songs_beside(folder))
            begun = time.perf_counter()
            compose_song(folder, scorer=scorer, styles=styles[name], jobs=options.jobs, force=True)  # half a scorer
            write_song(folder)
            seconds.append(time.perf_counter() - begun)
        except WhitelightError as err:
            failed.append(f"{folder.name}: {err}")
    if seconds:
        quarters = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
        print(
            f"{len(seconds)} songs: median {statistics.median(seconds):.1f} s, 95 % {quarters[18]:.1f} s, longest {max(seconds):.1f} s"
        )
    print(f"{len(failed)} failed", *failed, sep="\n  ")
    if options.judge:
        print(json.dumps(named(options.out, ChromaticScorer(options.judge), names, options.songs), indent=1))


def named(out: Path, judge: ChromaticScorer, names: list[str], n_songs: int) -> dict[str, Any]:
    """Share of the songs that the judge gives the class they were made for, and what it called the others."""
    files = [out / f"song-{number:03d}" / "song.mid" for number in range(n_songs)]
    results = judge.score_batch([file for file in files if file.exists()])
    wanted = [names[number % len(names)] for number, file in enumerate(files) if file.exists()]
    heard = {r.index: max(r.classes, key=lambda name: r.classes[name]) for r in results if r.error is None}
    called = {n: dict(Counter(heard[i] for i, w in enumerate(wanted) if w == n and i in heard)) for n in names}
    n_right = sum(heard.get(i) == want for i, want in enumerate(wanted))
    return {"named right": round(n_right / max(len(wanted), 1), 3), "songs": len(wanted), "called": called}


if __name__ == "__main__":
    main()
