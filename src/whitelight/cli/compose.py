"""`whitelight compose`: chord candidates from a proposal, and promotion of what the human approved."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.models import find_model
from whitelight.cli.output import JsonFlag, emit, progress_bar, say

app = typer.Typer(help="Compose with a trained scorer, with a human gate at every stage.", no_args_is_help=True)


@app.command(short_help="Compose chord candidates for a song proposal.")
def chords(
    proposal: Annotated[Path, typer.Argument(help="Song proposal (YAML).")],
    *,
    model: Annotated[Path, typer.Option(help="Folder of the model bundle, or name@alias of a registry.")],
    out: Annotated[Path, typer.Option(help="Production folder of the song.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    target: Annotated[str | None, typer.Option(help="Target instead of the proposal's class, mixtures too.")] = None,
    candidates: Annotated[int, typer.Option(min=2, help="Candidates generated per section.")] = 50,
    dataset: Annotated[
        Path | None,
        typer.Option(help="Dataset whose songs of the target's classes show how chords go; else that of the model."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compose with a scorer that did not pass its release gate.")
    ] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose chords proposal.yml --model model --out songs/first

    Writes candidates as MIDI files and chords/review.yml, which is yours: what you write there survives every re-run.
    """
    from whitelight.catalog import read_proposal  # noqa: PLC0415  keeps --help fast
    from whitelight.composition import compose_chords, style_of_classes  # noqa: PLC0415  as above
    from whitelight.ontology import Target  # noqa: PLC0415  as above
    from whitelight.origin import read_origin  # noqa: PLC0415  as above
    from whitelight.scoring import ChromaticScorer  # noqa: PLC0415  as above

    model = find_model(model)
    scorer = ChromaticScorer(model)
    song = read_proposal(proposal, scorer.ontology)
    for problem in song.problems:
        say(f"{problem.file}: {problem.message}; {problem.action}")
    songs = dataset or read_origin(model)
    goal = target or song.class_name
    names = Target.parse(goal, scorer.ontology).class_names(scorer.ontology) if goal else ()
    style = style_of_classes(songs, names) if songs else None
    if style is None:
        say(
            f"{model} does not know its dataset any more: chords are played as in songs at large; --dataset DIR mends it"
        )
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


@app.command(short_help="Copy what is approved in review.yml to approved/.")
def promote(
    path: Annotated[Path, typer.Argument(help="Production folder of the song.")],
    *,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose promote songs/first

    Refuses two approved candidates with one label in a section.
    """
    from whitelight.composition import promote as promote_approved  # noqa: PLC0415  keeps --help fast

    report = promote_approved(path)
    emit(report.to_dict(), report.lines, as_json=as_json)
