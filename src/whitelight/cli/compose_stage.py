"""Commands that make candidates: `compose run`, `regenerate`, `evolve`."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whitelight.cli.composing_options import (
    DatasetOption,
    Desk,
    FolderArgument,
    ForceFlag,
    ModelOption,
    SectionOption,
    StageOption,
    TasteOption,
    productions,
)
from whitelight.cli.output import JsonFlag, emit, progress_bar, say

if TYPE_CHECKING:
    from whitelight.composition import StageReport

CORES = os.cpu_count() or 1
CandidatesOption = Annotated[int, typer.Option("--candidates", min=2, help="Candidates per section and generation.")]
GenerationsOption = Annotated[int, typer.Option("--generations", min=0, help="Generations bred after the first.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `whitelight compose`."""
    app.command(short_help="Compose one stage, or the whole song with --auto.")(run)
    app.command(short_help="Compose a stage anew under another seed.")(regenerate)
    app.command(short_help="Breed from the candidates you approved or rated well.")(evolve)


def run(
    folder: Annotated[Path, typer.Argument(help="Production folder, or a folder of them.")],
    *,
    model: ModelOption,
    stage: Annotated[
        str | None, typer.Option("--stage", help="Only this stage; the next open one when not given.")
    ] = None,
    through: Annotated[str | None, typer.Option("--through", help="With --auto: the last stage.")] = None,
    auto: Annotated[bool, typer.Option("--auto", help="Choose where you have not, and put the song together.")] = False,
    section: SectionOption = None,
    candidates: CandidatesOption = 50,
    generations: GenerationsOption = 3,
    llm: Annotated[str | None, typer.Option(help="OpenAI-compatible endpoint that offers lines for lyrics.")] = None,
    llm_model: Annotated[str | None, typer.Option(help="Its model; the key is read from WHITELIGHT_LLM_KEY.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="With --auto: processes; as many as cores when not given.")] = CORES,
    dataset: DatasetOption = None,
    taste: TasteOption = None,
    force: ForceFlag = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose run songs/first --auto --model model

    Without --auto a stage is composed for what is approved of the stages before it, and waits for you.
    """
    if through is not None and not auto:
        raise typer.BadParameter("--through goes with --auto; one stage at a time is --stage")
    if llm is not None and (auto or stage != "lyrics" or llm_model is None):
        raise typer.BadParameter("--llm goes with --stage lyrics and --llm-model NAME: lines are asked for a melody")
    from whitelight.composition.desk import next_open_stage  # noqa: PLC0415  keeps --help fast

    desk = Desk.open(model, dataset, force=force, taste=taste)
    writer = None if llm is None else (llm, str(llm_model))
    reports: list[StageReport] = []
    for one in productions(folder):
        if auto:
            reports += _whole_song(desk, one, through or stage or "lyrics", jobs)
        else:
            wanted: dict[str, Any] = {"sections": section or (), "effort": (candidates, generations), "writer": writer}
            reports.append(_one_stage(desk, one, stage or next_open_stage(one), **wanted))
    _tell(reports, as_json=as_json)


def _one_stage(
    desk: Desk,
    folder: Path,
    stage: str,
    *,
    sections: Sequence[str],
    effort: tuple[int, int],
    writer: tuple[str, str] | None,
) -> "StageReport":
    from whitelight.composition import compose_stage  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.section_search import Effort  # noqa: PLC0415  as above

    _adopt(folder, stage)
    styles = desk.styles(folder, (stage,))
    if writer is not None:
        styles[stage] = _with_offered_lines(folder, styles.get(stage), writer, sections)
    with progress_bar(stage) as progress:
        return compose_stage(
            folder,
            stage,
            scorer=desk.scorer,
            sections=sections,
            effort=Effort(*effort),
            styles=styles,
            taste=desk.taste,
            force=desk.force,
            progress=progress,
        )


def _with_offered_lines(folder: Path, style: Any, writer: tuple[str, str], sections: Sequence[str]) -> Any:
    """The style with the lines of a language model; what was asked and what it cost is said."""
    from whitelight.composition.lyrics import LlmLyricist, ask_for_lines  # noqa: PLC0415  keeps --help fast

    offer = ask_for_lines(folder, LlmLyricist.at(*writer), style, sections=sections)
    say(f"{writer[1]}: {offer}")
    return offer.brief


def _whole_song(desk: Desk, folder: Path, through: str, jobs: int) -> list["StageReport"]:
    from whitelight.composition.arrangement import read_arrangement, write_song  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.automatic import compose_song  # noqa: PLC0415  as above
    from whitelight.composition.decisions import record_decisions  # noqa: PLC0415  as above
    from whitelight.composition.stages import stages_through  # noqa: PLC0415  as above

    names = [one.name for one in stages_through(through)]
    for name in names:
        _adopt(folder, name)
    styles = desk.styles(folder, names)
    with progress_bar(folder.name) as progress:
        reports = compose_song(
            folder,
            scorer=desk.scorer,
            through=through,
            styles=styles,
            taste=desk.taste,
            force=desk.force,
            jobs=jobs,
            progress=progress,
        )
    write_song(folder)
    record_decisions(folder, read_arrangement(folder).parts_used())
    say(f"{folder}/song.mid")
    return reports


def _adopt(folder: Path, stage: str) -> None:
    from whitelight.composition.adoption import adopt  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.song_sheet import read_song_sheet  # noqa: PLC0415  as above

    adopted, problems = adopt(folder, stage, read_song_sheet(folder))
    for name in adopted:
        say(f"adopted {stage}/candidates/{name}.mid")
    for problem in problems:
        say(problem)


def _tell(reports: Sequence["StageReport"], *, as_json: bool) -> None:
    value = reports[0].to_dict() if len(reports) == 1 else {"stages": [report.to_dict() for report in reports]}
    emit(value, lambda: (line for report in reports for line in report.lines()), as_json=as_json)
    for out in dict.fromkeys(report.out for report in reports):
        say(f"next: whitelight compose status {out}")


def regenerate(
    folder: FolderArgument,
    *,
    model: ModelOption,
    stage: StageOption,
    section: SectionOption = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed; the next unused one when not given.")] = None,
    candidates: CandidatesOption = 50,
    generations: GenerationsOption = 3,
    dataset: DatasetOption = None,
    taste: TasteOption = None,
    force: ForceFlag = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose regenerate songs/first --stage bass --section verse --model model

    New candidates are added to the review; nothing that is there changes.
    """
    from whitelight.composition.evolution import regenerate as compose_anew  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.section_search import Effort  # noqa: PLC0415  as above

    desk = Desk.open(model, dataset, force=force, taste=taste)
    options = {"sections": section or (), "effort": Effort(candidates, generations), "seed": seed}
    _tell([_bred(compose_anew, desk, folder, stage, **options)], as_json=as_json)


def evolve(
    folder: FolderArgument,
    *,
    model: ModelOption,
    stage: StageOption,
    section: SectionOption = None,
    like: Annotated[list[str] | None, typer.Option("--like", help="Candidate to breed from, by id.")] = None,
    candidates: CandidatesOption = 50,
    generations: GenerationsOption = 3,
    dataset: DatasetOption = None,
    taste: TasteOption = None,
    force: ForceFlag = False,
    as_json: Annotated[bool, JsonFlag] = False,
) -> None:
    """Example: whitelight compose evolve songs/first --stage melody --model model

    Children of what you approved or rated 4 or 5 are added to the review; what you rejected is kept away from.
    """
    from whitelight.composition.evolution import evolve as breed  # noqa: PLC0415  keeps --help fast
    from whitelight.composition.section_search import Effort  # noqa: PLC0415  as above

    desk = Desk.open(model, dataset, force=force, taste=taste)
    options = {"sections": section or (), "effort": Effort(candidates, generations), "like": like or ()}
    _tell([_bred(breed, desk, folder, stage, **options)], as_json=as_json)


def _bred(
    work: Callable[..., "StageReport"],
    desk: Desk,
    folder: Path,
    stage: str,
    **options: Any,
) -> "StageReport":
    with progress_bar(stage) as progress:
        return work(
            folder,
            stage,
            scorer=desk.scorer,
            styles=desk.styles(folder, (stage,)),
            taste=desk.taste,
            force=desk.force,
            progress=progress,
            **options,
        )
