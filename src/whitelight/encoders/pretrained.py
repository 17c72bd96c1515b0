"""Models of the transformers library: found on this machine, identified by their content, loaded when first used.

A model is a folder, or a name on the Hugging Face hub (``microsoft/deberta-v3-base``, ``…@revision``) that was fetched
before. Nothing asks the network unless a download is allowed. Two copies of one model have one fingerprint, wherever
they lie: it is the hash of configuration, tokenizer or feature settings, and weights.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from whitelight.encoders.options import MissingExtraError, MissingModelError, Options, UnusableModelError
from whitelight.files import sha256_of

CONFIG, FRONT = "config.json", "preprocessor_config.json"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
SMALL_FILES = ("*.json", "*.txt", "*.model")  # settings and vocabularies
SAFE_WEIGHTS, OLD_WEIGHTS = "model*.safetensors", "pytorch_model*.bin"  # the second is read by torch without unpickling


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A model on this machine.

    Attributes
    ----------
    encoder : name of the encoder that wants it. folder : where it lies. n_threads : see `Options`.
    """

    encoder: str
    folder: Path
    n_threads: int | None = None

    @property
    def config(self) -> dict[str, Any]:
        """Content of ``config.json``.

        Raises
        ------
        UnusableModelError : it is no JSON object.
        """
        return _json(self.folder / CONFIG, self.encoder)

    @property
    def sha256(self) -> str:
        """Hash of everything that decides a vector; read once per process."""
        return _content_hash(self.folder)

    def check_kind(self, model_type: str) -> None:
        """Refuse a model of another architecture.

        Raises
        ------
        UnusableModelError : ``model_type`` in its configuration is another.
        """
        found = self.config.get("model_type")
        if found != model_type:
            raise UnusableModelError(
                f"encoder '{self.encoder}': the model in {self.folder.name} is '{found}', expected '{model_type}'; "
                "give one of that kind"
            )

    def check_rate(self, sample_rate: int) -> None:
        """Refuse a model that was made for another sample rate, in Hz.

        Raises
        ------
        UnusableModelError : ``sampling_rate`` of its feature extractor is another.
        """
        found = _json(self.folder / FRONT, self.encoder).get("sampling_rate")
        if found != sample_rate:
            raise UnusableModelError(
                f"encoder '{self.encoder}': the model in {self.folder.name} hears {found} Hz, expected {sample_rate}; "
                "give one made for that rate"
            )

    def number(self, key: str, *, part: str = "") -> int:
        """Return a whole number above 0 of the configuration, or of a part of it.

        Raises
        ------
        UnusableModelError : it is not there.
        """
        config = self.config.get(part, {}) if part else self.config
        value = config.get(key)
        if not isinstance(value, int) or value < 1:
            raise UnusableModelError(
                f"encoder '{self.encoder}': {self.folder.name}/{CONFIG} says {key} = {value!r}, expected a whole number "
                "above 0; copy the model again"
            )
        return value


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: torch, the model in evaluation, its tokenizer or feature extractor.

    It runs on the processor, also where there is a GPU: there the same fingerprint would stand for other vectors.
    """

    torch: Any
    model: Any
    front: Any


@lru_cache(maxsize=8)
def find_model(options: Options, default: str) -> Pretrained:
    """Find the model an encoder was asked for, `default` when none is named.

    Raises
    ------
    MissingModelError : it is not on this machine, or could not be fetched.
    MissingExtraError : transformers is not installed.
    """
    name = options.parameter or default
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if not HUB_NAME.fullmatch(name) or name.startswith("."):
            raise MissingModelError(
                f"encoder '{options.name}': '{name}' is neither a folder nor a name on the hub; "
                f"give {options.name}:/path/to/model or {options.name}:{default}"
            )
        folder = _from_hub(options, name)
    if not (folder / CONFIG).is_file() or not _weights(folder):
        raise MissingModelError(
            f"encoder '{options.name}': {folder.name} holds no whole model (expected {CONFIG} and {SAFE_WEIGHTS} or "
            f"{OLD_WEIGHTS}); {_advice(options, name)}"
        )
    return Pretrained(options.name, folder, options.n_threads)


@lru_cache(maxsize=2)
def load_model(pretrained: Pretrained, model_class: str, front_class: str) -> Loaded:
    """Load a model and its tokenizer or feature extractor, kept for the life of the process.

    Raises
    ------
    MissingExtraError : torch or transformers is not installed.
    UnusableModelError : the files cannot be loaded.
    """
    torch, transformers = _libraries(pretrained.encoder)
    if front_class == "AutoTokenizer":
        _check_sentencepiece(pretrained)
    if pretrained.n_threads:
        torch.set_num_threads(pretrained.n_threads)
    try:
        front = getattr(transformers, front_class).from_pretrained(pretrained.folder, local_files_only=True)
        model = getattr(transformers, model_class).from_pretrained(
            pretrained.folder, local_files_only=True, dtype=torch.float32, weights_only=True
        )
    except Exception as err:  # damaged files fail in every way: of json, safetensors, tokenizers, torch, transformers
        reason = " ".join(str(err).split()).partition(". ")[0][:200]
        raise UnusableModelError(
            f"encoder '{pretrained.encoder}': {pretrained.folder.name} cannot be loaded: {reason}; copy the model again"
        ) from err
    if front_class == "AutoTokenizer":
        _check_vocabulary(pretrained, len(front))
    return Loaded(torch, model.eval(), front)


def _check_sentencepiece(pretrained: Pretrained) -> None:
    """Refuse a vocabulary that cannot be read here; the library would advise to install what does not help."""
    folder = pretrained.folder
    if list(folder.glob("*.model")) and not (folder / "tokenizer.json").is_file() and not find_spec("sentencepiece"):
        raise MissingExtraError(
            f"encoder '{pretrained.encoder}': {folder.name} has its vocabulary as a SentencePiece model alone, which "
            "needs the package 'sentencepiece'; pip install sentencepiece, or give a folder with tokenizer.json"
        )


def _check_vocabulary(pretrained: Pretrained, n_known: int) -> None:
    """Refuse a tokenizer that knows little of what the model does: without its files it knows seven words, in silence."""
    config = pretrained.config
    n_words = config.get("vocab_size") or config.get("text_config", {}).get("vocab_size") or 0
    if n_known < n_words / 2:
        raise UnusableModelError(
            f"encoder '{pretrained.encoder}': the tokenizer in {pretrained.folder.name} knows {n_known:,} words, the "
            f"model {n_words:,}; copy tokenizer.json, or all files of its vocabulary, into the folder"
        )


def _libraries(encoder: str) -> tuple[Any, Any]:
    """Import torch and transformers, which then print nothing."""
    try:
        import torch  # noqa: PLC0415  an extra, and seconds to load
        import transformers  # noqa: PLC0415  as above
    except ImportError as err:
        raise MissingExtraError(
            f"encoder '{encoder}' needs the package '{err.name}'; pip install 'whitelight[text]'"
        ) from err
    logging: Any = transformers.utils.logging
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    return torch, transformers


def _from_hub(options: Options, name: str) -> Path:
    """Return the folder of a hub model in the hub's own cache; fetch what is missing when that is allowed."""
    try:
        import huggingface_hub  # noqa: PLC0415  an extra
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415
    except ImportError as err:
        raise MissingExtraError(
            f"encoder '{options.name}' needs the package 'huggingface_hub'; pip install 'whitelight[text]'"
        ) from err
    repository, _, revision = name.partition("@")
    fetch = partial(
        huggingface_hub.snapshot_download,
        repository,
        revision=revision or None,
        local_files_only=not options.allow_download,
    )
    try:
        folder = Path(fetch(allow_patterns=[*SMALL_FILES, SAFE_WEIGHTS]))
        if options.allow_download and not _weights(folder):
            fetch(allow_patterns=[OLD_WEIGHTS])
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as err:
        reason = "could not be fetched" if options.allow_download else "is not on this machine"
        detail = f" ({' '.join(str(err).split())[:160]})" if options.allow_download else ""
        raise MissingModelError(
            f"encoder '{options.name}': the model '{name}' {reason}{detail}; {_advice(options, name)}"
        ) from err
    return folder


def _advice(options: Options, name: str) -> str:
    fetch = "check the name and the network" if options.allow_download else f"fetch '{name}' once with --allow-download"
    return f"{fetch}, or give its folder: {options.name}:/path/to/model"


def _weights(folder: Path) -> list[Path]:
    """Files of weights that would be loaded: safetensors when there are any."""
    return sorted(folder.glob(SAFE_WEIGHTS)) or sorted(folder.glob(OLD_WEIGHTS))


@cache
def _content_hash(folder: Path) -> str:
    small = sorted({file for pattern in SMALL_FILES for file in folder.glob(pattern) if _decides(file)})
    return sha256_of(_named_hashes([*small, *_weights(folder)]))


def _decides(file: Path) -> bool:
    """Whether a small file changes vectors; indexes of weights and records of training do not."""
    return not file.name.endswith(".index.json") and file.name not in {"generation_config.json", "README.txt"}


def _named_hashes(files: Iterable[Path]) -> Iterable[bytes]:
    for file in files:
        with file.open("rb") as stream:
            yield f"{file.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}".encode()


def _json(file: Path, encoder: str) -> dict[str, Any]:
    try:
        value = json.loads(file.read_bytes())
    except (OSError, ValueError) as err:
        raise UnusableModelError(f"encoder '{encoder}': {file.parent.name}/{file.name} is not JSON ({err})") from err
    if not isinstance(value, dict):
        raise UnusableModelError(f"encoder '{encoder}': {file.parent.name}/{file.name} is no JSON object")
    return value
