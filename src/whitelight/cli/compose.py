"""`whitelight compose`: from a proposal to a finished song; this module begins songs and says where they stand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whitelight.cli import compose_song, compose_stage
from whitelight.cli.composing_options import (
    DatasetOption,
    Desk,
    FolderArgument,
    ForceFlag,
    ModelOption,
    open_scorer,
    productions,
)
from whitelight.cli.models import find_model
from whitelight.cli.output import JsonFlag, emit, progress_bar, say
from whitelight.errors import WhitelightError

if TYPE_CHECKING:
    from whitelight.catalog import Proposal
    from whitelight.composition.form_grammar import FormGrammar
    from whitelight.composition.song_sheet import SongSheet
    from whitelight.ontology import Ontology

app = typer.Typer(help="Compose with a trained scorer, with a human gate at every stage.", no_args_is_help=True)


class UnfitProposalError(WhitelightError):
    """A proposal that does not keep the constraints it was asked to keep."""


@app.command(short_help="Begin a song, or one for every proposal of a folder.")
def new(
    proposal: Annotated[Path | None, typer.Argument(help="Song proposal (YAML), or a folder of them.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="Production folder; of several proposals, the folder they are put in.")],
    model: Annotated[Path | None, typer.Option(help="Model bundle: whose classes the proposal speaks of.")] = None,
    title: Annotated[str | None, typer.Option(help="Title, when there is no proposal.")] = None,
    color: Annotated[str | None, typer.Option(help="Class of the ontology, or a mixture of classes.")] = None,
    key: Annotated[str | None, typer.Option(help="Key, such as 'F# minor' or 'D dorian'.")] = None,
    bpm: Annotated[float | None, typer.Option(help="Tempo in quarter notes per minute.")] = None,
    meter: Annotated[str | None, typer.Option(help="Meter, such as 7/8 or 2+2+3/8.")] = None,
    concept: Annotated[str | None, typer.Option(help="What the song is about.")] = None,
    constraints: Annotated[Path | None, typer.Option(help="What to keep away from: whitelight ideas feedback.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of form and search.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Begin it although constraints are not kept.")] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose new proposal.yml --out songs/first

    Writes song.yml with a form drawn from the catalog's own; edit sections, form, key and tempo there as you like.
    """
    from whitelight.composition.new_song import new_song, songs_beside  # noqa: PLC0415  keeps --help fast
    from whitelight.ontology import Target, load_ontology  # noqa: PLC0415  as above

    ontology = open_scorer(model).ontology if model is not None else load_ontology("rainbow")
    asked = {"title": title, "color": color, "key": key, "bpm": bpm, "meter": meter, "concept": concept}
    wanted = _wanted(proposal, asked, ontology)
    grammar = _grammar(model)
    target = None if color is None else Target.parse(color, ontology).text  # refuses what is no class
    blends = {one.name for one in ontology.classes if one.transmigration}
    wanted.sort(key=lambda one: one.class_name in blends)  # a blend of the others is made when they are there
    made: list[tuple[Path, SongSheet]] = []
    for folder, one in _folders(wanted, out):
        song, breaches = _constrained(one, constraints, asked, force=force)
        for line in breaches:
            say(f"{folder.name}: {line}")
        sheet = new_song(
            song,
            folder,
            seed=seed,
            target=None if target in ontology.class_names else target,
            grammar=grammar,
            ontology=ontology,
            neighbors=songs_beside(folder),
            cut_up=song.class_name in blends,
        )
        made.append((folder, sheet))
    emit({"songs": [_begun(*one) for one in made]}, lambda: [_line(*one) for one in made], as_json=as_json)
    say(f"next: whitelight compose run {out} --stage chords --model MODEL   (or --auto for the whole song)")


def _wanted(path: Path | None, asked: dict[str, Any], ontology: "Ontology") -> list["Proposal"]:
    from whitelight.catalog import propose_from_words, read_iterations, read_proposals, say_anew  # noqa: PLC0415  keeps --help fast

    if path is None:
        if not asked["title"]:
            raise typer.BadParameter("give a PROPOSAL, or --title with --color, --key, --bpm and --meter as you like")
        return [propose_from_words(asked, ontology)]
    if path.is_dir():
        report = read_proposals(path, ontology)
        for name, what in {**report.others, **report.unreadable}.items():
            say(f"{name}: {what}; no proposal")
        if not report.proposals:
            raise UnfitProposalError(f"{path}: no proposal in it; see whitelight ideas shrinkwrap")
        return list(report.proposals)
    return [say_anew(one, asked, ontology) for one in read_iterations(path, ontology)]


def _constrained(
    song: "Proposal", constraints: Path | None, asked: dict[str, Any], *, force: bool
) -> tuple["Proposal", list[str]]:
    """Fill what is open as the constraints prefer; refuse what they forbid, or say it when forced."""
    if constraints is None:
        return song, []
    from whitelight.catalog import with_preferences  # noqa: PLC0415  keeps --help fast
    from whitelight.ideas import read_constraints  # noqa: PLC0415  as above

    rules = read_constraints(constraints)
    song = with_preferences(
        song,
        key=next((rule.value for rule in rules.prefer_keys), None),
        tempo_bpm=next((sum(rule.value) / 2 for rule in rules.prefer_tempi), None),
        stated=asked,
    )
    breaches = [
        str(b)
        for b in rules.check(
            title=song.title, key=song.musical_key, tempo_bpm=song.tempo_bpm, meter=song.meter, concept=song.concept
        )
    ]
    if breaches and not force:
        raise UnfitProposalError(f"'{song.title}': {'; '.join(breaches)}; change the proposal, or pass --force")
    return song, breaches


def _grammar(model: Path | None) -> "FormGrammar | None":
    from whitelight.composition.catalog_styles import learn_grammar  # noqa: PLC0415  keeps --help fast
    from whitelight.origin import read_origin  # noqa: PLC0415  as above

    dataset = None if model is None else read_origin(find_model(model))
    return None if dataset is None else learn_grammar(dataset)


def _folders(wanted: list["Proposal"], out: Path) -> list[tuple[Path, "Proposal"]]:
    """A folder for every song; a proposal that a thread holds twice is one song, two of one id are two."""
    from whitelight.composition.production import slug  # noqa: PLC0415  keeps --help fast

    if len(wanted) == 1:
        return [(out, wanted[0])]
    songs: dict[str, Proposal] = {}
    for one in wanted:
        name, n_more = slug(one.iteration_id or one.title), 2
        while name in songs and _what(songs[name]) != _what(one):
            name, n_more = f"{slug(one.iteration_id or one.title)}-{n_more}", n_more + 1
        if name in songs:
            say(f"{one.file}: '{one.title}' is proposed in {songs[name].file} already; one song is begun")
        songs.setdefault(name, one)
    return [(out / name, one) for name, one in songs.items()]


def _what(song: "Proposal") -> tuple[Any, ...]:
    return song.title, song.musical_key, song.tempo_bpm, song.meter, song.class_name, song.concept


def _begun(folder: Path, sheet: "SongSheet") -> dict[str, Any]:
    blocks = [block.name for block in sheet.form.blocks]
    return {"folder": str(folder), "title": sheet.title, "form": blocks, "problems": list(sheet.problems)}


def _line(folder: Path, sheet: "SongSheet") -> str:
    what = f"{sheet.key}, {sheet.meter}, {sheet.tempo_bpm:g} bpm"
    return f"{folder}: {sheet.title} ({what}): {' · '.join(block.name for block in sheet.form.blocks)}"


@app.command(short_help="Show where a song stands and what to do next.")
def status(folder: FolderArgument, *, as_json: Annotated[bool, JsonFlag] = False) -> None:
    """Example: whitelight compose status songs/first

    Phases of every stage, the arc of the form, and the next command; of a folder of songs, all of them.
    """
    from whitelight.composition.status import song_status  # noqa: PLC0415  keeps --help fast

    found = [song_status(one) for one in productions(folder)]
    value = found[0].to_dict() if len(found) == 1 else {"songs": [one.to_dict() for one in found]}
    emit(value, lambda: (line for one in found for line in one.lines()), as_json=as_json)


@app.command(short_help="Begin a song and compose its chords in one go.")
def chords(
    proposal: Annotated[Path, typer.Argument(help="Song proposal (YAML).")],
    *,
    model: ModelOption,
    out: Annotated[Path, typer.Option(help="Production folder of the song.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    target: Annotated[str | None, typer.Option(help="Target instead of the proposal's class, mixtures too.")] = None,
    candidates: Annotated[int, typer.Option(min=2, help="Candidates generated per section.")] = 50,
    dataset: DatasetOption = None,
    force: ForceFlag = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose chords proposal.yml --model model --out songs/first

    A verse and a chorus: the quickest way to hear what a model makes of a proposal.
    """
    from whitelight.catalog import read_proposal  # noqa: PLC0415  keeps --help fast
    from whitelight.composition import compose_chords  # noqa: PLC0415  as above
    from whitelight.composition.new_song import sheet_facts  # noqa: PLC0415  as above
    from whitelight.composition.song_sheet import song_sheet  # noqa: PLC0415  as above

    desk = Desk.open(model, dataset, force=force)
    scorer = desk.scorer
    song = read_proposal(proposal, scorer.ontology)
    for problem in song.problems:
        say(f"{problem.file}: {problem.message}; {problem.action}")
    sheet = song_sheet(sheet_facts(song, seed=seed, target=target, form=None))
    style = desk.styles_of(sheet, ("chords",)).get("chords")
    with progress_bar("chords") as progress:
        report = compose_chords(
            song,
            scorer=scorer,
            out=out,
            seed=seed,
            target=target,
            n_candidates=candidates,
            progress=progress,
            style=style,
            force=force,
        )
    emit(report.to_dict(), report.lines, as_json=as_json)
    say(f"next: listen to {out}/chords/candidates, set status: approved in {out}/chords/review.yml,")
    say(f"      then whitelight compose promote {out}")


compose_stage.register(app)
compose_song.register(app)
