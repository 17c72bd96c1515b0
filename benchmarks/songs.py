"""Finished songs, counted: what a musician would wince at, and where they lie beside real songs.

    python benchmarks/songs.py FOLDER [--pop909 POP909 --pop909-cl POP909_CL] [--songs 60] [--json]

FOLDER holds production folders (each with `song.yml`, at any depth). Counted from the written files alone: notes outside
the key that were not meant, melody against chords and bass (prepared clashes apart), phrase ends, support against the
melody, variants per section and stage, chord loops of eight bars that two songs share, hanging and overlapping notes,
descriptors inside the bands of real songs (no bands for odd meters and other scales), and the spread of every theory term.
With both folders of POP909 its songs are laid beside the same bands by the same code, as a control.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from pop909_songs import read_songs
from song_counting import CountedSong, Counts, count_song

from whitelight.composition.fitness import INFORMATIVE, NO_BAND
from whitelight.composition.song_bands import describe_song, fits, song_bands
from whitelight.errors import WhitelightError

AIM_INSIDE, AIM_SONGS = 0.8, 0.95


def count_folder(folder: Path) -> tuple[list[CountedSong], list[str]]:
    """All songs below a folder, and what could not be counted."""
    counted, failed = [], []
    for sheet in sorted(folder.rglob("song.yml")):
        try:
            counted.append(count_song(sheet.parent))
        except (WhitelightError, OSError) as err:
            failed.append(str(err).replace(f"{folder}/", ""))
    return counted, failed


def shared_loops(songs: Sequence[CountedSong]) -> list[tuple[str, str, int]]:
    """Pairs of songs with an eight-bar chord loop in common, and how many."""
    pairs = ((a.name, b.name, len(a.loops & b.loops)) for a, b in combinations(songs, 2))
    return [pair for pair in pairs if pair[2]]


def term_table(songs: Sequence[CountedSong]) -> list[dict[str, Any]]:
    """Every theory term of every stage: median spread and noise, and in what share of the searches it could rank."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for song in songs:
        for stage, term, record in song.terms:
            found.setdefault((stage, term), []).append(record)
    table = []
    for (stage, term), records in found.items():
        known = [record for record in records if record["status"] != NO_BAND]
        table.append(
            {
                "stage": stage,
                "term": term,
                "spread": _median([record["spread"] for record in known]),
                "noise": _median([record["noise"] for record in known]),
                "n_searches": len(records),
                "n_no_band": len(records) - len(known),
                "informative": sum(record["status"] == INFORMATIVE for record in known) / max(len(known), 1),
            }
        )
    return table


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 4) if values else None


def shares(total: Counts) -> dict[str, float]:
    """What the bars of the issue are stated in."""
    return {
        "outside the key, not meant": total.n_outside / max(total.n_notes, 1),
        "outside the key, meant": total.n_outside_meant / max(total.n_notes, 1),
        "strong melody notes that are chord tones": total.n_strong_tones / max(total.n_strong, 1),
        "strong melody notes a semitone off, not meant": (total.n_strong_clashes - total.n_strong_prepared)
        / max(total.n_strong, 1),
        "strong melody notes a semitone off, prepared": total.n_strong_prepared / max(total.n_strong, 1),
        "strong melody notes against what sounds, all": total.n_strong_sounding / max(total.n_strong, 1),
        "melody notes against the bass, not meant": (total.n_against_bass - total.n_against_bass_prepared)
        / max(total.n_melody, 1),
        "support notes against the melody": total.n_support_against / max(total.n_support, 1),
        "phrases that end on a chord tone": total.n_phrase_tones / max(total.n_phrases, 1),
        "sections and stages with two variants": total.n_parts_varied / max(total.n_parts, 1),
    }


def band_summary(all_fits: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """How many descriptors lie inside the bands of the set that fits better."""
    best = [each[0] for each in all_fits if each]
    if not best:
        return {"n_songs": 0}
    inside = np.array([fit.inside for fit in best])
    return {
        "n_songs": len(best),
        "sets": dict(Counter(fit.name for fit in best)),
        "inside": np.round(np.percentile(inside, (5, 25, 50, 75, 95)), 3).tolist(),
        f"songs with {AIM_INSIDE:.0%} inside": round(float((inside >= AIM_INSIDE).mean()), 3),
        "outside most often": dict(Counter(name for fit in best for name in fit.outside).most_common(12)),
    }


def descriptor_table(songs: Sequence[CountedSong]) -> dict[str, dict[str, list[float]]]:
    """Percentiles 5/25/50/75/95 of every descriptor over the songs that have bands, beside those of the sets."""
    banded = [song.descriptors for song in songs if song.fits]
    table: dict[str, dict[str, list[float]]] = {}
    for name in dict.fromkeys(key for bands in song_bands().values() for key in bands.percentiles):
        values = [descriptors[name] for descriptors in banded if name in descriptors]
        if values:
            table[name] = {"songs": np.round(np.percentile(values, (5, 25, 50, 75, 95)), 2).tolist()}
            table[name] |= {
                set_name: list(bands.percentiles[name])
                for set_name, bands in song_bands().items()
                if name in bands.percentiles
            }
    return table


def report(songs: Sequence[CountedSong], failed: Sequence[str]) -> dict[str, Any]:
    """Everything, as plain data."""
    total = sum((song.counts for song in songs), Counts())
    worst = {
        "strong semitones not meant": _worst(
            songs, lambda c: (c.n_strong_clashes - c.n_strong_prepared) / max(c.n_strong, 1)
        ),
        "outside the key, not meant": _worst(songs, lambda c: c.n_outside),
        "against the bass": _worst(
            songs, lambda c: (c.n_against_bass - c.n_against_bass_prepared) / max(c.n_melody, 1)
        ),
    }
    return {
        "n_songs": len(songs),
        "failed": list(failed),
        "counts": asdict(total),
        "shares": {name: round(value, 4) for name, value in shares(total).items()},
        "worst": worst,
        "unvaried": {song.name: song.unvaried for song in songs if song.unvaried},
        "shared_loops": shared_loops(songs),
        "bands": band_summary([song.fits for song in songs]),
        "descriptors": descriptor_table(songs),
        "no_band": [f"{song.name} ({song.meter}, {song.key})" for song in songs if not song.fits],
        "terms": term_table(songs),
        "songs": [
            {
                "name": song.name,
                "meter": song.meter,
                "key": song.key,
                "tempo_bpm": song.tempo_bpm,
                "counts": asdict(song.counts),
                "descriptors": {name: round(value, 4) for name, value in song.descriptors.items()},
                "fits": [asdict(fit) for fit in song.fits],
            }
            for song in songs
        ],
    }


def _worst(songs: Sequence[CountedSong], value: Any) -> list[tuple[str, float]]:
    ranked = sorted(((song.name, round(float(value(song.counts)), 4)) for song in songs), key=lambda one: -one[1])
    return [one for one in ranked[:5] if one[1] > 0]


def tell(found: dict[str, Any]) -> None:
    """Print what people read."""
    print(f"{found['n_songs']} songs counted, {len(found['failed'])} not")
    for failure in found["failed"]:
        print(f"  {failure}")
    counts = found["counts"]
    for name, value in found["shares"].items():
        print(f"{name:50s} {value:.4f}")
    print(f"{'hanging notes':50s} {counts['n_hanging']}")
    print(f"{'overlapping notes':50s} {counts['n_overlapping']}")
    print(f"{'pairs of songs that share an 8-bar chord loop':50s} {len(found['shared_loops'])}")
    for first, second, n in found["shared_loops"][:10]:
        print(f"  {first} and {second}: {n}")
    for name, ranked in found["worst"].items():
        if ranked:
            print(f"most {name}: " + ", ".join(f"{song} {value:g}" for song, value in ranked))
    for song, missing in list(found["unvaried"].items())[:10]:
        print(f"one variant only: {song}: {', '.join(missing)}")
    print(f"bands: {json.dumps(found['bands'])}")
    print(f"no band applies to {len(found['no_band'])} songs")
    for name, row in found["descriptors"].items():
        print(f"{name:30s} " + "   ".join(f"{who} {' '.join(f'{v:g}' for v in row[who])}" for who in row))
    tell_terms(found["terms"])


def tell_terms(table: Sequence[dict[str, Any]]) -> None:
    """Print the terms of every stage, the dead ones marked."""
    for row in table:
        spread, noise = (("  –   " if row[key] is None else f"{row[key]:.4f}") for key in ("spread", "noise"))
        is_dead = row["informative"] == 0.0 and row["n_no_band"] < row["n_searches"]
        mark = "  DEAD" if is_dead else ""
        print(
            f"{row['stage']:8s} {row['term']:24s} spread {spread}  noise {noise}  "
            f"ranks in {row['informative']:.0%} of {row['n_searches'] - row['n_no_band']}{mark}"
        )


def control(originals: Path, corrected: Path, limit: int) -> dict[str, Any]:
    """Real songs beside the same bands."""
    return band_summary([fits(describe_song(song)) for _, song in read_songs(originals, corrected, limit)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of production folders")
    parser.add_argument("--pop909", type=Path, help="folder of POP909, as a control")
    parser.add_argument("--pop909-cl", type=Path, help="folder of POP909-CL")
    parser.add_argument("--songs", type=int, default=60, help="songs of the control")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = report(*count_folder(asked.folder))
    if asked.pop909 and asked.pop909_cl:
        found["control"] = control(asked.pop909, asked.pop909_cl, asked.songs)
    if asked.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    tell(found)
    if "control" in found:
        print(f"real songs: {json.dumps(found['control'])}")


if __name__ == "__main__":
    main()
