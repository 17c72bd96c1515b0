"""Writing a publication into a folder that nobody looks at yet, shard by shard, so that it can be taken up again."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from whitelight.dataset.publish.card import CARD, write_card
from whitelight.dataset.publish.card_head import CardFacts
from whitelight.dataset.publish.coverage import count_rows
from whitelight.dataset.publish.errors import PublishError
from whitelight.dataset.publish.plan import Plan, Shard
from whitelight.dataset.publish.record import RECORD, FileRecord, Publication, file_record, make_record, read_record
from whitelight.dataset.publish.scan import check_table, check_text, check_values, local_places
from whitelight.dataset.publish.writing import write_shard
from whitelight.files import write_atomic
from whitelight.progress import Progress, silent

_KEY = ".plan"


def stage(plan: Plan, folder: Path, progress: Progress = silent) -> Publication:
    """Write all files of a publication into `folder`, except the record, which is returned.

    What an interrupted run of the same plan has written is kept; what belongs to another plan is removed.

    Raises
    ------
    LeakError : an absolute path or a secret; nothing of the shard in question is kept.
    """
    _prepare(plan, folder)
    places = local_places(plan.dataset.path)
    files: dict[str, FileRecord] = {}
    progress(0, len(plan.shards))
    for done, shard in enumerate(plan.shards, 1):
        file = folder / shard.file
        if not _is_whole(file, shard):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_shard(file, shard.config.schema, _checked(shard, places), has_media=shard.config.has_media)
            if not _is_whole(file, shard):
                raise PublishError(f"{shard.file} has not the {shard.n_rows:,} rows planned; build the dataset again")
        files[shard.file] = file_record(file, shard.n_rows)
        progress(done, len(plan.shards))
    card = write_card(CardFacts(plan, count_rows(plan.dataset), files))
    check_text(card, CARD, places)
    write_atomic(folder / CARD, card)
    files[CARD] = file_record(folder / CARD)
    record = make_record(plan, files)
    check_values(record.model_dump(), RECORD, places)
    return record


def finish(folder: Path, record: Publication) -> None:
    """Write the record, and see that nothing else is in the folder."""
    for path in _strangers(folder, record):
        path.unlink()
    for name in record.files:  # to the disk, before what names them; `os.sync` would wait for everybody's files
        with (folder / name).open("rb") as stream:
            os.fsync(stream.fileno())
    write_atomic(folder / RECORD, record.to_json())
    (folder / _KEY).unlink(missing_ok=True)


def _prepare(plan: Plan, folder: Path) -> None:
    key = folder / _KEY
    if folder.is_dir() and plan.key not in (_text(key), _recorded_key(folder)):
        shutil.rmtree(folder)
    write_atomic(key, plan.key)
    (folder / RECORD).unlink(missing_ok=True)


def _text(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


def _recorded_key(folder: Path) -> str:
    try:
        record = read_record(folder)
    except PublishError:
        return ""
    return record.key if record is not None else ""


def _is_whole(file: Path, shard: Shard) -> bool:
    """Tell whether a shard has been written; the footer of a parquet file comes last."""
    try:
        return int(pq.read_metadata(file).num_rows) == shard.n_rows
    except (OSError, pa.ArrowException):
        return False


def _checked(shard: Shard, places: tuple[str, ...]) -> Iterator[pa.Table]:
    for song_id in shard.song_ids:
        for table in shard.config.tables(song_id):
            check_table(table, f"{shard.config.name}, song '{song_id}'", places)
            yield table


def _strangers(folder: Path, record: Publication) -> list[Path]:
    wanted = {*record.files, _KEY}
    return [p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).as_posix() not in wanted]
