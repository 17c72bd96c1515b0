"""Commands that make a song of approved parts: `compose promote`, `assemble`, `export`, `drift`."""

from pathlib import Path
from typing import Annotated

import typer

from whitelight.cli.composing_options import FolderArgument, StageOption
from whitelight.cli.output import JsonFlag, emit, progress_bar, say


def register(app: typer.Typer) -> None:
    """Add the commands to `whitelight compose`."""
    app.command(short_help="Copy what is approved in review.yml to approved/.")(promote)
    app.command(short_help="Put the approved parts together: song.mid and stems.")(assemble)
    app.command(short_help="Write lead sheet, DAW project, lyrics and a preview.")(export)
    app.command(short_help="Write candidates as sound, with what was approved before them.")(preview)
    app.command(short_help="Compare what was approved with a DAW's arrangement.")(drift)


def promote(
    path: FolderArgument,
    *,
    stage: Annotated[str | None, typer.Option("--stage", help="Only this stage; all when not given.")] = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose promote songs/first

    Refuses two approved candidates with one label in a section. Files you edited in approved/ stay as they are.
    """
    from whitelight.composition import promote as promote_approved  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.decisions import record_decisions  # noqa: PLC0415  as above
    from whitelight.composition.production import SONG_FILE  # noqa: PLC0415  as above

    report = promote_approved(path, stage)
    emit(report.to_dict(), report.lines, as_json=as_json)
    song = path if (path / SONG_FILE).exists() else path.parent
    if (song / SONG_FILE).exists():
        record_decisions(song)
        say(f"next: whitelight compose status {song}")


def assemble(
    folder: FolderArgument,
    *,
    replan: Annotated[
        bool, typer.Option("--replan", help="Plan anew what arrangement.yml holds; comments stay.")
    ] = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose assemble songs/first

    Writes arrangement.yml when there is none (it is yours from then on), song.mid, and stems/*.mid.
    """
    from whitelight.composition.arrangement import read_arrangement, write_song  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.decisions import record_decisions  # noqa: PLC0415  as above

    report = write_song(folder, replan=replan)
    used = read_arrangement(folder).parts_used()
    record_decisions(folder, used)
    emit(report.to_dict(), report.lines, as_json=as_json)
    say(f"next: open {report.song}, or whitelight compose export {folder}")


def export(
    folder: FolderArgument,
    *,
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", help="midi, stems, musicxml, dawproject, lrc or wav; all if not given."),
    ] = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose export songs/first --kind musicxml --kind wav"""
    from whitelight.composition.exports import export_song  # noqa: PLC0415  keeps --help fast

    report = export_song(folder, tuple(kinds or ()))
    emit(report.to_dict(), report.lines, as_json=as_json)


def drift(
    folder: FolderArgument,
    arrangement: Annotated[Path, typer.Argument(help="Arrangement exported by a DAW (text).")],
    *,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose drift songs/first arrangement.txt

    Which approved parts the DAW's arrangement uses, how often, and what in it was never approved.
    """
    from whitelight.composition.arrangement import approved_parts, read_daw_export  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.arrangement import drift as compare  # noqa: PLC0415  as above
    from whitelight.composition.song_sheet import read_song_sheet  # noqa: PLC0415  as above

    sheet = read_song_sheet(folder)
    imported = read_daw_export(
        arrangement, meter=sheet.meter, tempo_bpm=sheet.tempo_bpm, approved=approved_parts(folder)
    )
    report = compare(folder, imported)
    emit(report.to_dict(), report.lines, as_json=as_json)


def preview(
    folder: FolderArgument,
    *,
    stage: StageOption,
    candidate: Annotated[
        list[str] | None, typer.Option("--candidate", help="Candidate by id; all that are kept when not given.")
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Without what was approved before it.")] = False,
    soundfont: Annotated[Path | None, typer.Option(help="SoundFont (.sf2); one of the system's otherwise.")] = None,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose preview songs/first --stage bass

    Writes <stage>/previews/<id>.wav: candidates as they sound with everything approved before them.
    """
    from whitelight.audio import Renderer, find_soundfont  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.exports import kept_candidates, write_candidate_preview  # noqa: PLC0415  as above

    chosen = list(candidate or kept_candidates(folder, stage))
    renderer = Renderer(find_soundfont(soundfont))
    with progress_bar("preview") as progress:
        for n_done, name in enumerate(chosen, start=1):
            write_candidate_preview(folder, stage, name, renderer, alone=alone)
            progress(n_done, len(chosen))
    value = {"folder": str(folder / stage / "previews"), "written": [f"{name}.wav" for name in chosen]}
    emit(value, lambda: [f"{len(chosen)} previews in {folder}/{stage}/previews"], as_json=as_json)
