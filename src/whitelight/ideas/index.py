"""`index.yml` and `index.md`: all shrink-wrapped threads of a folder at a glance, made anew from their manifests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitelight.errors import WhitelightError
from whitelight.ideas.manifest import CURRENT, MANIFEST_FILE, Entry, ThreadManifest, read_manifest
from whitelight.ideas.naming import natural
from whitelight.ideas.yaml_text import to_yaml

PART = ".part"  # ending of files that are not finished
INDEX_FILE, READABLE_INDEX_FILE = "index.yml", "index.md"


def write_index(out: Path) -> None:
    """Write both indexes of a folder of shrink-wrapped threads; an unchanged one is not touched."""
    threads = list(_threads(out))
    value = {"index": 1, "threads": [_summary(folder, manifest) for folder, manifest in threads]}
    write_changed(out / INDEX_FILE, to_yaml(value, header="Written by whitelight ideas shrinkwrap."))
    write_changed(out / READABLE_INDEX_FILE, "\n".join(_page(threads)) + "\n")


def write_changed(path: Path, text: str) -> bool:
    """Write a text file at once or not at all, unless it holds this text; return whether it was written.

    The unfinished file has one name, so that what a killed run left is written over: hold the lock of the folder.
    """
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    part = path.with_name(f".{path.name}{PART}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def _threads(out: Path) -> Iterator[tuple[str, ThreadManifest]]:
    """Yield every folder with a manifest of ours; what else lies there is nobody's business."""
    for path in sorted(out.glob(f"*/{MANIFEST_FILE}"), key=lambda path: natural(path.parent.name)):
        try:
            manifest = read_manifest(path)
        except WhitelightError:
            continue  # not written by us: the run that was asked to write there has refused it already
        if manifest is not None:
            yield path.parent.name, manifest


def _summary(folder: str, manifest: ThreadManifest) -> dict[str, Any]:
    kinds: dict[str, int] = {}
    for entry in manifest.entries:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + (entry.state == CURRENT)
    return {
        "folder": folder,
        "name": manifest.name,
        "thread_id": manifest.thread_id or None,
        "files": len(manifest.entries),
        "kinds": {kind: kinds[kind] for kind in sorted(kinds)},
        **manifest.summary,
    }


def _page(threads: list[tuple[str, ThreadManifest]]) -> Iterator[str]:
    yield "# Threads"
    yield ""
    yield "Written by `whitelight ideas shrinkwrap`; each folder's `manifest.yml` says where every file came from."
    for folder, manifest in threads:
        yield ""
        yield f"## {_cell(manifest.name)}"
        yield ""
        final = manifest.summary.get("final")
        if final:
            yield f"Final choice: **{_cell(final['title'])}** ({', '.join(_music(final))})."
            yield ""
        yield "| file | what | iteration | key | bpm | meter | class |"
        yield "|---|---|---|---|---|---|---|"
        yield from (_row(folder, entry) for entry in manifest.entries)


def _row(folder: str, entry: Entry) -> str:
    proposals = entry.facts.get("proposals") or []
    one = proposals[0] if len(proposals) == 1 else {}
    what = entry.kind if len(proposals) < 2 else f"{entry.kind} ({len(proposals)})"
    if entry.state != CURRENT:
        what += f", {entry.state}"
    cells = [f"[{entry.file}]({folder}/{entry.file})", what]
    cells += [_cell(one.get(name)) for name in ("iteration", "key", "tempo_bpm", "meter", "class")]
    return f"| {' | '.join(cells)} |"


def _music(final: dict[str, Any]) -> list[str]:
    named = [
        final["key"],
        f"{final['tempo_bpm']:g} bpm" if final["tempo_bpm"] else None,
        final["meter"],
        final["class"],
    ]
    return [_cell(value) for value in named if value]


def _cell(value: Any) -> str:
    """One cell of a table; nothing in it may end the cell or become markup."""
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return "".join(f"\\{c}" if c in "\\|*_`[]<>#" else c for c in text)
