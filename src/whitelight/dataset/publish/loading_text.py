"""The lines of code on a card: how to load what is published, and how to hear it."""

from collections.abc import Iterator

from whitelight.dataset.publish.plan import Plan
from whitelight.dataset.publish.sources import PREVIEW, SEGMENTS

PLACE = "OWNER/NAME"


def loading_lines(plan: Plan) -> Iterator[str]:
    """Yield how every config is loaded; `datasets` alone is needed."""
    yield "`pip install datasets`; the place is this folder, or the repository on the hub."
    yield ""
    yield "```python"
    yield "from datasets import load_dataset"
    yield ""
    yield f'segments = load_dataset("{PLACE}", "{SEGMENTS}")'
    for config in plan.configs:
        if config.name != SEGMENTS:
            yield f'rows = load_dataset("{PLACE}", "{config.name}", streaming=True)'
    yield "```"
    yield ""
    yield f'On the hub, `revision="{plan.settings.version}"` stays with this version.'


def decoding_lines(plan: Plan) -> Iterator[str]:
    """Yield how media are decoded; nothing without media."""
    config = next((config for config in plan.configs if config.has_media and config.name != PREVIEW), None)
    config = config or next((config for config in plan.configs if config.has_media), None)
    if config is None:
        return
    split = next(split for split, _ in plan.of(config))
    yield "Audio is stored as FLAC and handed out as bytes (`Audio(decode=False)`), so no decoder is needed to load it."
    yield '`pip install soundfile` to hear it; `cast_column("audio", Audio())` decodes with torchcodec where that is there.'
    yield ""
    yield "```python"
    yield "import io"
    yield "from pathlib import Path"
    yield ""
    yield "import soundfile"
    yield "from datasets import load_dataset"
    yield ""
    yield f'rows = load_dataset("{PLACE}", "{config.name}", split="{split}", streaming=True)'
    yield "for row in rows:"
    yield '    if row["audio"] is not None:'
    yield '        samples, sample_rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))'
    yield '    if row["midi"] is not None:'
    yield '        Path("slice.mid").write_bytes(row["midi"])'
    yield "```"
