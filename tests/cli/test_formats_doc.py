"""`docs/formats.md` says what the code reads and what the commands write; every table is compared with one of them.

The tables of segments, media, dropped parts and of the dataset's manifest are compared in `tests/dataset/test_schema.py`,
the ontology file in `tests/ontology/test_loading.py`.
"""

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer.main

from whitelight.catalog import BASE_TABLE_SCHEMA, BASE_TABLE_VERSION, ENCODINGS, read_catalog, read_proposal
from whitelight.catalog.detect import DOUBTFUL
from whitelight.catalog.lrc import parse_lrc, place_lines
from whitelight.catalog.manifest import ManifestRow, SectionRow, StemRow
from whitelight.catalog.problems import ProblemLog
from whitelight.catalog.settings import Override, _SettingsRow
from whitelight.catalog.timecode import TimeCode, parse_stamp
from whitelight.cli.main import app
from whitelight.composition import StageReport
from whitelight.composition.chords.genome import ChordGene, ChordGenome, Touch
from whitelight.composition.decisions import record_decisions
from whitelight.composition.fitness import INFORMATIVE, NO_BAND, UNINFORMATIVE, TermWeight
from whitelight.composition.review import _SPELLINGS, STATUSES
from whitelight.dataset import VIEWS
from whitelight.dataset.publish.plan import SHARD_BYTES
from whitelight.dataset.publish.record import EncoderRecord
from whitelight.dataset.publish.sounds import MEDIA_DOCS
from whitelight.dataset.publish.writing import GROUP_BYTES, GROUP_ROWS, GROUP_ROWS_MEDIA
from whitelight.encoders.registry import ENCODERS, make_encoder
from whitelight.encoders.shards import shard_schema
from whitelight.files import MAX_YAML_BYTES, MAX_YAML_VALUES, load_yaml
from whitelight.pipeline import PipelineReport, song_record
from whitelight.scoring.calibration import EXPERTS, VELOCITIES
from whitelight.scoring.engine import VECTOR_INPUT
from whitelight.scoring.result import ScoreResult
from whitelight.training.gate import QUESTIONS, Limits

Run = Callable[..., Any]
Table = dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/formats.md").read_text()


@pytest.fixture(scope="module")
def table(page: str) -> Callable[[str], Table]:
    """Find the table between ``<!-- name -->`` and ``<!-- end -->``: first cell → the others."""

    def find(name: str) -> Table:
        match = re.search(rf"<!-- {re.escape(name)} -->\n\|[^\n]*\n\|[-|]+\n(.*?)<!-- end -->", page, re.DOTALL)
        assert match, f"no table '{name}'"
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in match[1].strip().splitlines()]
        found = {row[0].strip("`"): tuple(row[1:]) for row in rows}
        assert len(found) == len(rows), f"table '{name}' has a row twice"
        return found

    return find


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_table_belongs_to_a_test(page: str) -> None:
    here = Path(__file__).read_text() + "columns of segments columns of media columns of dropped"
    names = re.findall(r"<!-- (.*?) -->", page)
    assert names[1::2] == ["end"] * (len(names) // 2)
    missing = [n for n in names[::2] if n not in here and not n.startswith("json of ")]
    assert missing == []


# --- catalog


@pytest.mark.parametrize(
    ("name", "row"),
    [("fields of a manifest", ManifestRow), ("fields of a section", SectionRow), ("fields of a stem", StemRow)],
)
def test_fields_of_a_manifest(table: Callable[[str], Table], name: str, row: Any) -> None:
    found = table(name)
    assert list(found) == list(row.model_fields)
    for field, info in row.model_fields.items():
        others = getattr(info.validation_alias, "choices", [field])
        assert set(others) - {field} <= set(quoted(found[field][0])), field


def test_limits_of_yaml(page: str) -> None:
    assert f"at most {MAX_YAML_BYTES // 1024**2} MiB" in page
    assert f"more than {MAX_YAML_VALUES:,} values" in page.replace("\n", " ")
    assert f"Below confidence {DOUBTFUL} the file is reported" in page


def test_forms_of_lyrics(table: Callable[[str], Table]) -> None:
    for form, (lines, expected) in table("forms of lyrics").items():
        sheet = parse_lrc("\n".join(quoted(lines)), ProblemLog("a.lrc"))
        placed, _ = place_lines(
            sheet, lambda stamp: TimeCode(stamp.raw, "ms", ENCODINGS["ms"].seconds(stamp), 1.0), ProblemLog("a.lrc")
        )
        assert ", ".join(f"{line.start_s:g} {line.text}" for line in placed) == expected, form


def test_encodings_of_time_codes(table: Callable[[str], Table]) -> None:
    found = table("encodings of time codes")
    assert set(found) == set(ENCODINGS)
    stamp = parse_stamp("[01:02.012]")
    assert stamp is not None
    for name, (formula, unit, seconds) in found.items():
        encoding = ENCODINGS[name]
        assert float(unit) == pytest.approx(1000 * encoding.unit_s(), abs=5e-4), name
        assert float(seconds) == pytest.approx(encoding.seconds(stamp), abs=6e-6), name
        for text, (minutes, whole, digits) in {
            "[01:02.012]": (1, 2, 12),
            "[12:34.085]": (12, 34, 85),
            "[00:00.007]": (0, 0, 7),
        }.items():
            other = parse_stamp(text)
            assert other is not None
            if encoding.allows(other):
                assert computed(formula, minutes, whole, digits, has_subframes="S/8" in formula) == pytest.approx(
                    encoding.seconds(other), abs=1e-9
                ), (name, text)


def computed(formula: str, minutes: int, seconds: int, digits: int, *, has_subframes: bool) -> float:
    """Work out a formula of the page."""
    known = {
        "MM": minutes,
        "SS": seconds,
        "F": digits // 10 if has_subframes else digits,
        "S": digits % 10,
        "d": 2 * (minutes - minutes // 10),
        "fraction": digits / 1000,
    }
    text = formula.replace("0.ddd", "fraction").replace("·", "*").replace("−", "-")
    return float(eval(text, {"__builtins__": {}}, known))  # our own page


def test_catalog_yml(table: Callable[[str], Table], page: str, tmp_path: Path, make_song: Callable[..., Path]) -> None:
    inner = {f"time_codes.<file>.{name}" for name in Override.model_fields}
    assert set(table("fields of catalog.yml")) == set(_SettingsRow.model_fields) | inner
    example = page[page.index("### catalog.yml") :].split("```yaml\n")[1].split("```", maxsplit=1)[0]
    make_song(tmp_path, "05_05")
    make_song(tmp_path, "01_06", lrc="[60:10.000]la\n")
    (tmp_path / "catalog.yml").write_text(example)
    codes = {c.file: (c.encoding, c.offset_s, c.source) for c in read_catalog(tmp_path).time_codes}
    assert codes["05_05/05_05.yml"] == ("FFS@25", 0.0, "override")
    assert codes["01_06/01_06.lrc"] == ("ms", 3600.0, "override")


def problems_in_code(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield code and severity of every place that reports a problem; "" where it has none."""
    for file in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                yield from ((c, "") for c in kebabs(node.value))
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called not in {"add", "_report", "Problem", "BuildProblem"}:
                continue
            stated = [k.value for k in node.keywords if k.arg == "severity"]
            if called == "Problem" and len(node.args) > 5:
                stated = [node.args[5]]
            severity = (
                "" if called == "BuildProblem" else str(getattr(stated[0], "value", "?")) if stated else "warning"
            )
            for code in [c for argument in node.args for c in kebabs(argument)]:
                yield code, "info" if code == "section-gap" else severity


def kebabs(node: ast.AST) -> list[str]:
    """Kebab-case texts in an expression; texts that are formatted are messages."""
    found = (
        [node] if isinstance(node, ast.Constant) else [node.body, node.orelse] if isinstance(node, ast.IfExp) else []
    )
    values = [getattr(part, "value", None) for part in found]
    return [v for v in values if isinstance(v, str) and re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", v)]


def test_codes_of_problems(table: Callable[[str], Table], repository: Path) -> None:
    found = {
        code: {s.strip() for s in cells[0].split(",")} - {""} for code, cells in table("codes of problems").items()
    }
    expected: dict[str, set[str]] = {}
    for room in ("catalog", "dataset"):
        for code, severity in problems_in_code(repository / "src/whitelight" / room):
            expected.setdefault(code, set()).update({severity} - {"", "?"})
    assert len(expected) > 50
    assert found == expected


def test_base_table(table: Callable[[str], Table], page: str) -> None:
    def words(field: pa.Field) -> str:
        text = re.sub(r"list<\w+: (\w+)>", r"list of \1", str(field.type))
        return text + (", may be null" if field.nullable else "")

    found = {name: cells[0] for name, cells in table("columns of base table").items()}
    assert list(found.items()) == [(field.name, words(field)) for field in BASE_TABLE_SCHEMA]
    assert f"`whitelight.version` is `{BASE_TABLE_VERSION}`" in page


# --- proposals, features


def test_the_documented_proposal_is_read_without_a_problem(
    table: Callable[[str], Table], page: str, tmp_path: Path
) -> None:
    example = page[page.index("## Song proposal") :].split("```yaml\n")[1].split("```", maxsplit=1)[0]
    (tmp_path / "p.yml").write_text(example)
    proposal = read_proposal(tmp_path / "p.yml")
    assert proposal.problems == ()
    assert str(proposal.musical_key) == "D dorian"
    assert set(table("fields of a proposal")) == set(load_yaml(tmp_path / "p.yml"))
    for field, (read, default) in table("fields of a proposal").items():
        lines = [line for line in example.splitlines() if not line.startswith(f"{field}:")]
        (tmp_path / "q.yml").write_text("\n".join(lines))
        lacking = read_proposal(tmp_path / "q.yml")
        given = {
            "bpm": lacking.tempo_bpm,
            "tempo": lacking.meter,
            "iteration_id": lacking.iteration_id,
            "title": lacking.title,
        }
        if field in given:
            words = {"the name of the file": "q", "the id": "winter v1"}.get(default, default)
            assert str(given[field]).removesuffix(".0") == words
        for other in [
            name for name in quoted(read.partition("also")[2]) if re.fullmatch(r"[a-z_]+", name) and name != "tempo"
        ]:
            (tmp_path / "r.yml").write_text(
                re.sub(rf"^{field}:", f"{other}:", example, flags=re.MULTILINE) + "key2: x\n"
            )
            assert [p.code for p in read_proposal(tmp_path / "r.yml").problems] in ([], ["iteration-id-missing"]), other


def test_features(table: Callable[[str], Table], page: str, tiny_dataset: Path, tiny_model: Path) -> None:
    assert {name: cells[0] for name, cells in table("encoders").items()} == {
        n: make_encoder(n).modality for n in ENCODERS
    }
    schema = shard_schema(7)
    found = table("columns of features")
    assert list(found) == schema.names
    assert [found["row_id"][0], found["has"][0]] == [str(schema.field(name).type) for name in ("row_id", "has")]
    encoder = make_encoder("descriptors")
    folder = tiny_dataset / "features" / f"descriptors-{encoder.fingerprint()[:12]}"
    metadata = pq.read_schema(next(folder.glob("*.parquet"))).metadata
    for name in ("whitelight.encoder", "whitelight.source"):
        assert f"`{name}`" in page
        assert name.encode() in metadata


# --- model bundle


def test_bundle(table: Callable[[str], Table], page: str, tiny_model: Path) -> None:
    assert {p.name for p in tiny_model.iterdir()} == set(table("files of a bundle"))
    record = json.loads((tiny_model / "bundle.json").read_text())
    keys = table("keys of bundle.json")
    assert list(record) == list(keys)
    assert quoted(keys["format"][0]) == [record["format"]]
    assert keys["format_version"][0].startswith(f"{record['format_version']};")
    assert quoted(keys["velocities"][0]) == record["velocities"] == list(VELOCITIES)
    assert record["views"] == list(VIEWS)
    assert quoted(keys["experts"][0]) == list(EXPERTS)
    for name in ("session", "calibration"):
        assert set(record[name]) == set(quoted(keys[name][0])), name
    assert all(set(quoted(keys["inputs"][0])) == set(value) for value in record["inputs"].values())
    assert set(record["files"]) == set(table("files of a bundle")) - {"bundle.json", "source.json"}
    assert set(record["training"]) == set(table("keys of training"))
    assert set(record["training"]["leakage"]) == set(quoted(table("keys of training")["leakage"][0]))
    gate = table("keys of the gate")
    assert list(record["gate"]) == ["status", "criteria"] == list(gate)
    assert list(record["gate"]["criteria"][0]) == quoted(gate["criteria"][0])[:4]
    assert list(record["gate"]["criteria"][0]["checks"][0]) == quoted(gate["criteria"][0])[4:]
    assert {c["name"] for c in record["gate"]["criteria"]} == set(table("criteria of the gate")) == set(QUESTIONS)
    limits = {f.name: f.default for f in fields(Limits)}
    stated = {name: float(cells[0].replace("⅓", "0.33333333")) for name, cells in table("limits of the gate").items()}
    assert stated == pytest.approx(limits)
    assert set(record["evaluation"]) <= set(table("json of evaluate"))
    inputs = {expert: quoted(cells[0]) for expert, cells in table("inputs of the model").items()}
    assert inputs == {expert: [VECTOR_INPUT[expert], f"has_{expert}"] for expert in EXPERTS}


@pytest.mark.parametrize(
    ("name", "file"), [("arrays of a bundle", "arrays.npz"), ("arrays of held_out", "held_out.npz")]
)
def test_arrays_of_a_bundle(table: Callable[[str], Table], tiny_model: Path, name: str, file: str) -> None:
    with np.load(tiny_model / file, allow_pickle=False) as arrays:
        shapes = {re.sub(r"_(midi|lyric|concept)(?=_|$)", "_<expert>", key): arrays[key].ndim for key in arrays.files}
    assert shapes == {key: 0 if cells[0] == "–" else cells[0].count(",") + 1 for key, cells in table(name).items()}


# --- run record, registry


def test_run_record_and_registry(
    table: Callable[[str], Table], tiny_dataset: Path, tiny_model: Path, tmp_path: Path, whitelight: Run
) -> None:
    (tmp_path / "quick.yml").write_text("fusion: {n_folds: 2, midi: {network_steps: 20, width: 16}}\n")
    config = ("--config", tmp_path / "quick.yml")
    assert whitelight("train", "fusion", tiny_dataset, "--out", tmp_path / "m", *config).code == 0
    (path,) = (tmp_path / "runs").glob("*/run.json")
    record, keys = json.loads(path.read_text()), table("keys of run.json")
    assert list(record) == list(keys)
    assert list(record["metrics"]) == [k for k in quoted(keys["metrics"][0]) if k != "judge"]
    lines = [json.loads(line) for line in (path.parent / "metrics.jsonl").read_text().splitlines()]
    assert {k for line in lines for k in line} <= {"step", "seconds", "role", "fold", "n", "done"} | {
        "accuracy",
        "macro_f1",
        "log_loss",
    }
    runs = ("--runs", tmp_path / "runs", "--json")
    assert list(whitelight("runs", "list", *runs).value) == list(table("json of runs list"))
    assert list(whitelight("runs", "show", "latest", *runs).value) == [*keys, *list(table("json of runs show"))[1:]]
    assert list(whitelight("runs", "compare", "latest", "latest", *runs).value) == list(table("json of runs compare"))
    place = ("--registry", tmp_path / "registry", "--json")
    added = whitelight("registry", "add", tiny_model, "--name", "tiny", *place).value
    assert list(added) == list(table("keys of version.json"))
    for reason in ("one", "two"):
        moved = whitelight("registry", "promote", "tiny@1", "production", "--force", "--reason", reason, *place).value
        assert list(moved) == list(table("keys of promotions.jsonl"))
    assert list(whitelight("registry", "rollback", "tiny@production", *place).value) == list(moved)
    models = table("json of registry list")
    assert list(whitelight("registry", "list", *place).value["models"][0]) == quoted(models["models"][0])[:3]
    assert list(whitelight("registry", "log", *place).value) == list(table("json of registry log"))
    for name in table("files of a registry"):
        assert (tmp_path / "registry" / name.replace("<name>", "tiny").replace("<version>", "1")).exists(), name


def test_search(table: Callable[[str], Table], tiny_dataset: Path, tmp_path: Path, whitelight: Run) -> None:
    (tmp_path / "quick.yml").write_text("fusion: {n_folds: 2, midi: {n_networks: 0, linear_steps: 5}}\n")
    (tmp_path / "space.yml").write_text("midi.linear_l2: {low: 0.01, high: 1.0, log: true}\n")
    tune = ("tune", tiny_dataset, "--out", tmp_path / "s", "--trials", 1, "--config", tmp_path / "quick.yml", "--json")
    found = whitelight(*tune, "--space", tmp_path / "space.yml")
    assert found.code == 0, found.err
    assert list(found.value) == list(table("json of tune"))
    assert list(found.value["best"]) == list(table("keys of a trial"))
    assert list(found.value["best"]["figures"]) == quoted(table("keys of a trial")["figures"][0])
    assert {p.name for p in (tmp_path / "s").iterdir()} == set(table("files of a search"))


# --- production folder


@pytest.fixture(scope="module")
def song(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A really composed folder, one candidate promoted."""
    from whitelight.catalog import read_proposal
    from whitelight.composition import compose_chords, promote, style_of_classes
    from whitelight.origin import read_origin
    from whitelight.scoring import ChromaticScorer

    folder = tmp_path_factory.mktemp("song")
    (folder / "p.yml").write_text(
        "title: A\nbpm: 100\ntempo: 4/4\nkey: C major\nrainbow_color: Q1\niteration_id: a_v1\n"
    )
    scorer = ChromaticScorer(tiny_model)
    out = folder / "song"
    proposal, dataset = read_proposal(folder / "p.yml", scorer.ontology), read_origin(tiny_model)
    assert dataset is not None
    style = style_of_classes(dataset, ["Q1"])  # as the command finds it by itself
    compose_chords(proposal, scorer=scorer, out=out, n_candidates=4, style=style, force=True)
    review = out / "chords" / "review.yml"
    review.write_text(review.read_text().replace("status: undecided", "status: approved", 1))
    promote(out)
    return out


@pytest.fixture(scope="module")
def whole_song(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A song that composed itself, put together and recorded."""
    from whitelight.catalog import propose_from_words
    from whitelight.composition import compose_song, new_song
    from whitelight.composition.arrangement import write_song
    from whitelight.composition.decisions import record_decisions
    from whitelight.composition.form import SectionPlan
    from whitelight.composition.new_song import plain_form
    from whitelight.composition.section_search import Effort
    from whitelight.scoring import ChromaticScorer

    scorer = ChromaticScorer(tiny_model)
    out = tmp_path_factory.mktemp("songs") / "whole"
    form = plain_form((SectionPlan("verse", "verse", 4, 0.5),))
    new_song(propose_from_words({"title": "A", "color": "Q1"}, scorer.ontology), out, form=form)
    compose_song(out, scorer=scorer, effort=Effort(4, 0, 3, n_written=3), force=True)
    words = out / "lyrics" / "approved" / "verse_a.txt"
    words.write_text(words.read_text().replace("e", "a"))
    write_song(out)
    record_decisions(out)
    return out


def _pattern(name: str) -> str:
    """A path of a production folder with its own names left out."""
    stage = re.sub(r"^(<stage>|chords|drums|bass|melody|harmony|lyrics)/", "<stage>/", name)
    return re.sub(r"[^/]+\.(mid|txt)$", r"*.\1", stage) if "/" in stage else stage


def test_decisions(table: Callable[[str], Table], whole_song: Path) -> None:
    for record in load_yaml(whole_song / "decisions.yml")["decisions"]:
        assert list(record) == list(table("keys of a decision"))


def test_production_folder(table: Callable[[str], Table], song: Path, whole_song: Path) -> None:
    known = {_pattern(name) for name in table("files of a production folder")}
    assert {_pattern(p.relative_to(song).as_posix()) for p in song.rglob("*") if p.is_file()} <= known
    whole = {_pattern(p.relative_to(whole_song).as_posix()) for p in whole_song.rglob("*") if p.is_file()}
    assert whole == known

    content = load_yaml(song / "song.yml")
    keys = table("keys of song.yml")
    assert list(content) == list(keys)
    assert set(content["sections"][0]) == set(quoted(keys["sections"][0]))
    assert set(content["ontology"]) == set(quoted(keys["ontology"][0]))


def test_review(table: Callable[[str], Table], song: Path) -> None:
    review = load_yaml(song / "chords" / "review.yml")
    assert list(review) == ["candidates"]
    keys, machine = table("keys of review.yml"), table("keys of machine")
    for entry in review["candidates"]:
        assert list(entry) == [key for key in keys if key != "variant"]
        assert list(entry["machine"]) == [key for key in machine if key not in {"like", "taste"}]
        assert re.fullmatch(r"\w+-g\d+-[0-9a-f]{8}", entry["id"])
    assert [key for key, cells in keys.items() if cells[0] == "yours"] == ["status", "label", "rating", "notes"]
    assert quoted(keys["status"][1]) == list(STATUSES)
    spelled = {status: set(quoted(cells[0])) for status, cells in table("spellings of status").items()}
    assert spelled == {s: {word for word, meant in _SPELLINGS.items() if meant == s and word} for s in STATUSES}


def test_search_and_genomes(table: Callable[[str], Table], song: Path) -> None:
    runs = load_yaml(song / "chords" / "search.yml")["runs"]
    assert list(runs) == ["seed 0, target Q1"]
    keys = table("keys of search.yml")
    for record in runs["seed 0, target Q1"].values():
        assert list(record) == list(keys)
        assert set(record["match"]) == set(quoted(keys["match"][0]))
        for weight in record["weights"].values():
            assert (
                set(weight) == set(quoted(keys["weights"][0])) - {"chromatic"} == {f.name for f in fields(TermWeight)}
            )
            assert weight["status"] in table("status of a weight")
    assert set(table("status of a weight")) == {INFORMATIVE, UNINFORMATIVE, NO_BAND}
    genome = table("keys of a genome")
    assert list(genome) == [f.name for f in fields(ChordGenome)]
    assert quoted(genome["chords"][0]) == [f.name for f in fields(ChordGene)]
    assert quoted(genome["touch"][0]) == [f.name for f in fields(Touch)]
    for line in (song / "chords" / "genomes.jsonl").read_text().splitlines():
        assert set(json.loads(line)) == {"id", "runs", "genome"}
        assert set(json.loads(line)["genome"]) == set(genome)


# --- published dataset


def test_published_dataset(
    table: Callable[[str], Table], page: str, tmp_path: Path, make_song: Callable[..., Path], whitelight: Run
) -> None:
    make_song(tmp_path / "songs", "02_01")
    (tmp_path / "songs/catalog.yml").write_text("license: CC-BY-4.0\nattribution: us\n")
    whitelight("dataset", "build", tmp_path / "songs", "--out", tmp_path / "d")
    done = whitelight(
        "dataset", "publish", tmp_path / "d", "--to", tmp_path / "p", "--version", "1.0.0", "--include-media", "--json"
    )
    configs = table("configs of a publication")
    assert set(done.value["configs"]) == set(configs) - {name for name in configs if "embeddings" in name}
    full = pq.read_schema(tmp_path / "p/training_full/train-00000-of-00001.parquet")
    media = table("media columns of a publication")
    assert {name: (str(full.field(name).type), MEDIA_DOCS[name]) for name in MEDIA_DOCS} == media
    record = json.loads((tmp_path / "p/publication.json").read_text())
    keys = table("keys of publication.json")
    assert list(record) == list(keys)
    assert quoted(keys["terms"][0]) == list(record["terms"])
    assert quoted(keys["files"][0])[:3] == list(record["files"]["README.md"])
    assert quoted(keys["encoders"][0]) == list(EncoderRecord.model_fields)
    assert f"about {SHARD_BYTES // 2**20} MB; row groups have at most {GROUP_ROWS:,} rows" in page
    assert f"with media {GROUP_ROWS_MEDIA} rows\nand about {GROUP_BYTES // 2**20} MB" in page


# --- commands


def test_every_command_has_its_json(page: str) -> None:
    def commands(group: Any, path: str = "") -> Iterator[str]:
        for name, command in group.commands.items():
            yield from commands(command, f"{path}{name} ") if hasattr(command, "commands") else (path + name,)

    documented = re.findall(r"<!-- json of (.*?) -->", page)
    parts = ["a check", "a result", "folds"]
    assert sorted(documented) == sorted([*commands(typer.main.get_command(app)), *parts])
    assert all(f"### whitelight {name}" in page for name in documented if name not in parts)


def test_json_of_catalog_and_dataset(
    table: Callable[[str], Table], tmp_path: Path, make_song: Callable[..., Path], midi_bytes: bytes, whitelight: Run
) -> None:
    songs = tmp_path / "songs"
    make_song(songs, "02_01", structure=[{"section_name": "a", "start_time": "[00:00.000]", "end_time": "[00:32.000]"}])
    make_song(songs, "02_02", midi=b"MThd", TRT="[00:40.000]")
    for name in ("sad/a", "sad/b", "glad/c"):
        path = tmp_path / "midi" / f"{name}.mid"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name == "sad/b" else midi_bytes)
    made = {
        "catalog check": whitelight("catalog", "check", songs, "--json"),
        "catalog table": whitelight("catalog", "table", songs, "--out", tmp_path / "t.parquet", "--json"),
        "catalog import-midi": whitelight(
            "catalog", "import-midi", tmp_path / "midi", "--out", tmp_path / "i", "--json"
        ),
        "dataset build": whitelight("dataset", "build", songs, "--out", tmp_path / "d", "--json"),
        "dataset verify": whitelight("dataset", "verify", tmp_path / "d", "--json"),
        "dataset publish": whitelight(
            "dataset", "publish", tmp_path / "d", "--to", tmp_path / "p", "--version", "1.0.0", "--json"
        ),
    }
    for name, found in made.items():
        assert list(found.value) == list(table(f"json of {name}")), name
    check, build = table("json of catalog check"), table("json of dataset build")
    value = made["catalog check"].value
    assert set(value["problems"][0]) == set(quoted(check["problems"][0]))
    assert set(value["time_codes"][0]) == set(quoted(check["time_codes"][0]))
    forms, inner = quoted(check["beat_distance_ms"][0])[:3], quoted(check["beat_distance_ms"][0])[3:]
    assert list(value["beat_distance_ms"]["ms"]) == inner
    assert set(forms) == {name.partition("@")[0] for name in ENCODINGS}
    assert set(made["dataset build"].value["problems"][0]) == set(quoted(build["problems"][0]))
    assert list(made["dataset build"].value["left_out"][0]) == quoted(build["left_out"][0])
    coverage = made["dataset verify"].value["coverage"]
    assert list(next(iter(coverage.values()))) == quoted(table("json of dataset verify")["coverage"][0])


def test_json_of_training_and_scoring(
    *,
    table: Callable[[str], Table],
    tiny_training: Any,
    tiny_dataset: Path,
    tmp_path: Path,
    midi_bytes: bytes,
    whitelight: Run,
) -> None:
    assert list(tiny_training.to_dict()) == list(table("json of train fusion"))
    evaluated = whitelight("evaluate", tiny_training.out, tiny_dataset, "--by", "song", "--json").value
    keys = table("json of evaluate")
    assert set(evaluated) == set(keys) - {"against", "folds"}
    assert list(evaluated["class"]) == quoted(keys["class"][0])
    assert list(next(iter(evaluated["axes"].values()))) == quoted(keys["axes"][0])
    assert set(evaluated["baselines"]) == set(quoted(keys["baselines"][0])[:-1])
    assert list(next(iter(evaluated["per_class"].values()))) == quoted(keys["per_class"][0])
    assert list(evaluated["confusion"]) == quoted(keys["confusion"][0])
    assert list(evaluated["leakage"]) == quoted(keys["leakage"][0])
    found = whitelight(
        "evaluate", tiny_training.out, tiny_dataset, "--against", tiny_training.out, "--folds", 2, "--json"
    ).value
    paired = [name for name in quoted(keys["against"][0])[1:] if name not in found["against"]]
    assert list(found["against"]["accuracy"]) == paired
    assert found["against"]["accuracy"]["difference"] == 0
    folds = table("json of folds")
    named = [name for cell in folds for name in re.findall(r"\w+", cell)]
    assert list(found["folds"]) == named
    assert list(found["folds"]["rows"]) == quoted(folds["rows"][0])[:4]
    assert list(found["folds"]["rows"]["grouped"]["sets"]) == quoted(folds["rows"][0])[8:11]
    (tmp_path / "a.mid").write_bytes(midi_bytes)
    scored = whitelight("score", tiny_training.out, tmp_path / "a.mid", "--target", "Q1", "--json").value
    assert list(scored) == list(table("json of score"))
    assert (
        list(scored["results"][0])
        == list(table("json of a result"))
        == ["file", *(f.name for f in fields(ScoreResult))]
    )


def test_json_of_train_taste(table: Callable[[str], Table], song: Path, tmp_path: Path, whitelight: Run) -> None:
    judged = shutil.copytree(song, tmp_path / "song")
    review = judged / "chords" / "review.yml"
    first, rest = review.read_text().split("status: undecided", 1)
    review.write_text(f"{first}status: approved{rest.replace('status: undecided', 'status: rejected')}")
    record_decisions(judged)
    found = whitelight("train", "taste", judged, "--out", tmp_path / "taste", "--json").value
    keys = table("json of train taste")
    assert list(found) == list(keys)
    assert list(found["stages"]["chords"]) == quoted(keys["stages"][0])
    assert not found["usable"]
    stored = json.loads((tmp_path / "taste" / "taste.json").read_text())
    assert set(stored) == {*found} - {"out", "problems", "seconds"} | {"format", "format_version", "encoder"}


def test_json_of_putting_a_song_together(
    table: Callable[[str], Table], whole_song: Path, tmp_path: Path, whitelight: Run
) -> None:
    clips = tmp_path / "daw.txt"
    clips.write_text("1 1 1 1 \t verse_a\t 1\t 4 0 0 0\n5 1 1 1 \t verse_b\t 1\t 4 0 0 0\n")
    options = {
        "assemble": (whole_song,),
        "export": (whole_song, "--kind", "lrc"),
        "preview": (whole_song, "--stage", "bass", "--candidate", _kept(whole_song)),
        "drift": (whole_song, clips),
    }
    for name, arguments in options.items():
        assert list(whitelight("compose", name, *arguments, "--json").value) == list(table(f"json of compose {name}"))


def _kept(song: Path) -> str:
    return str(load_yaml(song / "bass" / "review.yml")["candidates"][0]["id"])


def test_json_of_ideas(table: Callable[[str], Table], tmp_path: Path, whitelight: Run) -> None:
    thread = tmp_path / "thread"
    thread.mkdir()
    (thread / "p.yml").write_text(
        "title: A\nbpm: 100\ntempo: 4/4\nkey: C major\nrainbow_color: Red\niteration_id: a_v1\n"
    )
    wrapped = whitelight("ideas", "shrinkwrap", thread, "--out", tmp_path / "out", "--json").value
    assert list(wrapped) == list(table("json of ideas shrinkwrap"))
    told = whitelight("ideas", "feedback", thread, "--out", tmp_path / "told", "--json").value
    assert list(told) == list(table("json of ideas feedback"))


def test_json_of_composing(table: Callable[[str], Table], song: Path, tiny_model: Path, whitelight: Run) -> None:
    command = (
        "compose",
        "chords",
        song.parent / "p.yml",
        "--model",
        tiny_model,
        "--out",
        song,
        "--candidates",
        4,
        "--force",
        "--json",
    )
    began = whitelight("compose", "new", "--title", "B", "--color", "Red", "--out", song.parent / "b", "--json").value
    assert list(began) == list(table("json of compose new"))
    assert list(began["songs"][0]) == quoted(table("json of compose new")["songs"][0])
    shown = whitelight("compose", "status", song.parent / "b", "--json").value
    assert list(shown) == list(table("json of compose status"))
    assert list(shown["phases"][0]) == quoted(table("json of compose status")["phases"][0])
    composed = whitelight(*command).value
    assert list(composed) == list(table("json of compose chords"))
    for name in ("run", "regenerate", "evolve"):
        assert list(table(f"json of compose {name}")) == ["…"]
    assert composed["n_added"] == 0
    assert list(composed["sections"]["verse"]) == list(table("keys of search.yml"))
    assert list(whitelight("compose", "promote", song, "--json").value) == list(table("json of compose promote"))
    assert list(PipelineReport(song, {}, ()).to_dict()) == list(table("json of demo"))
    assert list(song_record((StageReport("chords", song, (), (), ()),))) == quoted(table("json of demo")["songs"][0])
