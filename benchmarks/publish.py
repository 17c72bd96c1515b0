"""What publishing costs as the catalog grows: rows and megabytes a second, memory; and what loading and streaming cost.

Run: python benchmarks/publish.py [--songs 4,16,64] [--seconds 60]

Each publication is made in a process of its own, so that its peak is its own. Songs are those of `dataset_scale`: four
stems and a main mix in stereo. Wall-clock and processor time are both printed: on a machine that does other things only
the second is worth comparing.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dataset_scale import write_catalog

from whitelight.catalog import read_catalog
from whitelight.dataset import build_dataset
from whitelight.ontology import load_ontology


def publish(data: Path, out: Path, *flags: str) -> dict[str, float]:
    """Publish in another process and return what it cost."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    code = (
        "import sys; from whitelight.cli.main import main\n"
        "try: main()\n"
        "finally: print(*[l for l in open('/proc/self/status') if l.startswith('VmHWM')], file=sys.stderr)"
    )  # `ru_maxrss` of a child begins at the size of its parent
    command = ["dataset", "publish", str(data), "--to", str(out), "--version", "1.0.0", "--json", *flags]
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    return {
        "rows": sum(split["rows"] for split in report["configs"]["training_segments"].values()),
        "megabytes": report["bytes"] / 1e6,
        "wall_s": time.perf_counter() - began,
        "processor_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": int(done.stderr.split()[-2]) / 1024,
    }


def read_back(out: Path, cache: Path) -> str:
    """Load and stream the config with media."""
    try:
        import datasets
    except ImportError:
        return "datasets is not installed"
    import soundfile

    datasets.disable_progress_bars()
    began = time.perf_counter()
    n_rows = sum(rows.num_rows for rows in datasets.load_dataset(str(out), "training_full", cache_dir=cache).values())
    loaded = time.perf_counter()
    seconds = 0.0
    for row in datasets.load_dataset(str(out), "training_full", split="train", streaming=True):
        if row["audio"] is not None:
            samples, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]), dtype="int16")
            seconds += len(samples) / rate
    streamed = time.perf_counter() - loaded
    return (
        f"load_dataset {loaded - began:.1f} s for {n_rows:,} rows; streamed and decoded {seconds / 60:.0f} min of sound "
        f"in {streamed:.1f} s, {seconds / streamed:.0f} × real time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", default="4,16", help="numbers of songs, with commas")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of a song")
    arguments = parser.parse_args()
    classes = tuple(c.letter for c in load_ontology("rainbow").classes[:7])
    print("songs    rows      MB  wall s  processor s  rows/s  MB/s  peak MB   (rates: of processor time)")
    for n_songs in map(int, arguments.songs.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_catalog(root / "songs", n_songs, arguments.seconds, classes, has_audio=True)
            (root / "songs/catalog.yml").write_text("license: CC0-1.0\n")
            build_dataset(read_catalog(root / "songs"), root / "data")
            for flags in ((), ("--include-media",)):
                cost = publish(root / "data", root / f"out{len(flags)}", *flags)
                rates = cost["rows"] / cost["processor_s"], cost["megabytes"] / cost["processor_s"]
                print(
                    f"{n_songs:5d} {cost['rows']:7,.0f} {cost['megabytes']:7,.1f} {cost['wall_s']:7.1f} "
                    f"{cost['processor_s']:12.1f} {rates[0]:7,.0f} {rates[1]:5,.0f} {cost['peak_mb']:8.0f}   {' '.join(flags)}"
                )
            print(f"      {read_back(root / 'out1', root / 'cache')}")


if __name__ == "__main__":
    main()
