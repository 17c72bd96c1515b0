"""`dataset publish`: check everything, plan, then write into a folder or send to the hub."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whitelight.dataset.dataset import Dataset
from whitelight.dataset.publish.errors import PublishError
from whitelight.dataset.publish.folder import check_folder, publish_to_folder
from whitelight.dataset.publish.plan import Plan, PublishSettings, plan_publication, preview_has_media
from whitelight.dataset.publish.record import Publication
from whitelight.dataset.publish.scan import check_table, check_values, local_places
from whitelight.dataset.publish.target import HubTarget, parse_target
from whitelight.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What was published, or would be.

    Attributes
    ----------
    state : "planned", "written", "sent" or "unchanged".
    record : None when only planned.
    n_sent, bytes_sent : files, the record aside, and bytes that went over the wire; None for a folder.
    """

    plan: Plan
    to: str
    state: str
    record: Publication | None
    seconds: float
    n_sent: int | None = None
    bytes_sent: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``whitelight dataset publish --json``."""
        settings, record = self.plan.settings, self.record
        return {
            "to": self.to,
            "version": str(settings.version),
            "state": self.state,
            "public": settings.is_public,
            "license": self.plan.dataset.manifest.terms.license,
            "configs": self.plan.to_dict(),
            "splits": {split: len(songs) for split, songs in self.plan.splits.songs.items()},
            "groups_in_several_splits": list(self.plan.splits.crossing),
            "content": record.content if record else None,
            "bytes": record.n_bytes if record else None,
            "files": {name: f.model_dump() for name, f in record.files.items()} if record else None,
            "files_sent": self.n_sent,
            "bytes_sent": self.bytes_sent,
            "seconds": round(self.seconds, 2),
        }

    def lines(self) -> Iterator[str]:
        """Yield the lines people read."""
        version, seconds = self.plan.settings.version, f"{self.seconds:.1f} s"
        if self.record is None:
            yield from plan_lines(self.plan)
            yield f"nothing was written: version {version} would go to {self.to}"
        elif self.state == "unchanged":
            yield f"{self.to} holds version {version} already, the same to the byte: nothing to do"
        else:
            size = f"{len(self.record.files) + 1} files, {self.record.n_bytes / 1e6:,.1f} MB"
            sent = f" ({self.n_sent} sent, {(self.bytes_sent or 0) / 1e6:,.1f} MB)" if self.n_sent is not None else ""
            yield f"{'sent to' if self.state == 'sent' else 'wrote'} {self.to}: version {version}, {size}{sent}, {seconds}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what will be published, for people to look at before it is."""
    terms, settings = plan.dataset.manifest.terms, plan.settings
    for name, splits in plan.to_dict().items():
        for split, its in splits.items():
            size = f"about {its['about_bytes'] / 1e6:,.1f} MB"
            yield f"{name}, {split}: {its['rows']:,} rows, {len(its['files'])} files, {size}"
    yield f"license: {terms.license or 'none stated'}; {'public' if settings.is_public else 'private'}"
    if plan.has_media and not settings.include_media and preview_has_media(plan.dataset, settings):
        yield "the preview carries media, which the license allows; --preview-per-class 0 leaves it out"
    if terms.known is not None and "attribution" in terms.known.asks and not terms.attribution:
        yield f"{terms.license} asks to name the source, and catalog.yml has no `attribution`"
    if plan.splits.crossing:
        yield f"{len(plan.splits.crossing)} source songs are in more than one split: figures across them flatter"


def make_plan(path: Path, settings: PublishSettings) -> Plan:
    """Open a dataset, check that it is whole and holds nothing private, and plan its publication.

    Raises
    ------
    NotADatasetError, DamagedDatasetError : no dataset, or not what its manifest says.
    LeakError, UnlicensedError, PublishError : it must not be published like this.
    """
    dataset = Dataset.open(path, check_hashes=True)
    plan = plan_publication(dataset, settings)
    places = local_places(path)
    check_values(dataset.manifest.model_dump(), "manifest.json", places)
    for config in plan.configs:
        if not config.has_media:  # the others repeat these columns; their media are looked at when they are written
            for song_id in dataset.song_ids:
                for table in config.tables(song_id):
                    check_table(table, f"{config.name}, song '{song_id}'", places)
    return plan


def publish_dataset(
    path: Path,
    to: str,
    settings: PublishSettings,
    *,
    is_dry_run: bool = False,
    token_from: str | None = None,
    progress: Progress = silent,
    plan: Plan | None = None,
) -> PublishReport:
    """Publish a dataset into a folder or to the hub.

    Parameters
    ----------
    to : a folder, or "hub:OWNER/NAME".
    is_dry_run : check and plan only; nothing is written and nothing is sent.
    token_from : environment variable with the token of the hub; None for that of its login.
    plan : of `make_plan`, when it is there already.

    Raises
    ------
    PublishError and what `make_plan` raises.
    """
    began = time.perf_counter()
    target = parse_target(to)
    plan = plan if plan is not None else make_plan(path, settings)
    if isinstance(target, HubTarget):
        return _to_hub(plan, target, is_dry_run=is_dry_run, token_from=token_from, progress=progress, began=began)
    if token_from is not None or settings.is_public:
        option = "--token-from" if token_from is not None else "--public"
        raise PublishError(f"{option} belongs to the hub, and '{to}' is a folder; leave it out, or give hub:OWNER/NAME")
    if is_dry_run:
        check_folder(plan, target)
        return PublishReport(plan, to, "planned", None, time.perf_counter() - began)
    written = publish_to_folder(plan, target, progress)
    state = "written" if written.is_new else "unchanged"
    return PublishReport(plan, to, state, written.record, time.perf_counter() - began)


def _to_hub(
    plan: Plan, target: HubTarget, *, is_dry_run: bool, token_from: str | None, progress: Progress, began: float
) -> PublishReport:
    from whitelight.dataset.publish.hub import Hub  # noqa: PLC0415  needs an extra
    from whitelight.dataset.publish.sending import send  # noqa: PLC0415  as above

    if is_dry_run:
        return PublishReport(plan, str(target), "planned", None, time.perf_counter() - began)
    hub = Hub.connect(target, token_from=token_from)
    path = plan.dataset.path.resolve()
    staging = path.with_name(f".{path.name}.publish-{target.slug}")
    sent = send(plan, hub, staging, progress)
    shutil.rmtree(staging, ignore_errors=True)
    state = "sent" if sent.is_new else "unchanged"
    seconds = time.perf_counter() - began
    return PublishReport(plan, str(target), state, sent.record, seconds, sent.n_files, sent.n_bytes)
