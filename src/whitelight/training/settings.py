"""What a training run can be told; checked on construction, written beside the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, get_type_hints

from whitelight.encoders import ENCODERS
from whitelight.errors import WhitelightError

NO_ENCODER = "none"
LATE = "late"
JOINT_STRATEGIES = ("early", "gated", "attention")


class SettingsError(WhitelightError):
    """A setting has a value it cannot have."""


@dataclass(frozen=True, slots=True)
class ExpertSettings:
    """One expert: networks with one hidden layer when `n_networks` is above 0, else a linear model.

    Attributes
    ----------
    linear_l2, network_l2 : penalty 0.5 · l2 · Σ w² on the mean loss over songs.
    linear_steps : iterations of L-BFGS.
    n_networks, width : ensemble size and hidden units of each.
    network_steps, batch_size, learning_rate : Adam with a cosine schedule.
    input_dropout : share of the descriptors a network does not see in a step, [0, 1). EMOPIA, song-grouped: +1 point
        with half of them hidden and an L2 of 0.02, against an L2 of 0.05 alone.
    change_reach : networks of MIDI see a row changed by up to so many times what changes when music is written otherwise
        (`rewriting`), either way; 0: not at all. Drums, whose beat is how they are written, lose by it (18 styles,
        `benchmarks/groove.py`: 2 points).
    standardize : give every input mean 0 and spread 1 first; descriptors of MIDI already have them, per view.
    """

    linear_l2: float = 0.1
    linear_steps: int = 60
    n_networks: int = 3
    width: int = 64
    network_l2: float = 0.02
    network_steps: int = 600
    batch_size: int = 256
    learning_rate: float = 3e-3
    input_dropout: float = 0.5
    change_reach: float = 1.5
    standardize: bool = False

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name in (
            "linear_l2",
            "linear_steps",
            "width",
            "network_l2",
            "network_steps",
            "batch_size",
            "learning_rate",
        ):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected more than 0")
        if self.n_networks < 0:
            raise SettingsError(f"n_networks is {self.n_networks}; expected 0 or more")
        if not 0 <= self.input_dropout < 1:
            raise SettingsError(f"input_dropout is {self.input_dropout}; expected at least 0 and below 1")
        if not 0 <= self.change_reach < float("inf"):
            raise SettingsError(f"change_reach is {self.change_reach}; expected a number of 0 or more")


@dataclass(frozen=True, slots=True)
class LossSettings:
    """What is punished, and how much.

    Attributes
    ----------
    class_balance : 1 lets classes count equally, 0 as often as they occur; between, by that power. Fitness divides by the
        prior anyway. (18 styles of drums, a third of them rock: .71 right at 0, .54 at 1; EMOPIA `val`, whose
        shares differ from those of training: .66 at 0, .69 at 1.)
    focal_gamma : 0 is cross-entropy; above, rows that are already right count less.
    smoothing : share of a target given to the class's neighbors in the ontology, [0, 1).
    class_weight, axis_weight : of the class head and of each axis.
    """

    class_balance: float = 1.0
    focal_gamma: float = 0.0
    smoothing: float = 0.0
    class_weight: float = 1.0
    axis_weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name in ("class_balance", "focal_gamma", "class_weight", "axis_weight"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise SettingsError(f"{name} is {getattr(self, name)}; expected a number of 0 or more")
        if self.class_balance > 1:
            raise SettingsError(f"class_balance is {self.class_balance}; expected 0 to 1")
        if not 0 <= self.smoothing < 1:
            raise SettingsError(f"smoothing is {self.smoothing}; expected at least 0 and below 1")
        if self.class_weight == 0:
            raise SettingsError("class_weight is 0; expected more than 0, every scorer names classes")


@dataclass(frozen=True, slots=True)
class JointSettings:
    """A network that reads several modalities at once (`training.joint`).

    Attributes
    ----------
    n_networks, width : ensemble size and hidden units of each. n_tokens : tokens per modality, for attention.
    steps, batch_size, learning_rate, l2, input_dropout : as those of `ExpertSettings`.
    velocity_free_share : share of the rows in which everything derived from velocity is hidden.
    modality_dropout : chance that a modality is left out of a row. concept_dropout : the same of the concept.
    """

    n_networks: int = 3
    width: int = 64
    n_tokens: int = 4
    steps: int = 600
    batch_size: int = 256
    learning_rate: float = 3e-3
    l2: float = 0.02
    input_dropout: float = 0.5
    velocity_free_share: float = 0.5
    modality_dropout: float = 0.3
    concept_dropout: float = 0.7

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        for name in ("n_networks", "width", "n_tokens", "steps", "batch_size", "learning_rate", "l2"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected more than 0")
        for name in ("input_dropout", "velocity_free_share", "modality_dropout", "concept_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected at least 0 and below 1")
        if self.width % self.n_tokens:
            raise SettingsError(f"width is {self.width}; expected a multiple of n_tokens, {self.n_tokens}")

    def dropout_of(self, modality: str) -> float:
        """Return the chance that a modality is left out."""
        return self.concept_dropout if modality == "concept" else self.modality_dropout


@dataclass(frozen=True, slots=True)
class EncoderNames:
    """Which encoder of the registry reads what; "none" leaves the modality out.

    Attributes
    ----------
    audio, lyric, concept : names as `whitelight.encoders.make_encoder` takes them.
    sounds_like : let what reads the concept read the names of artists a song sounds like, too.
    """

    audio: str = "audio-statistics"
    lyric: str = "hashed-ngrams"
    concept: str = "hashed-ngrams"
    sounds_like: bool = False

    def __post_init__(self) -> None:
        """Refuse names nobody knows; whether a model is there shows when it is made."""
        for place in ("audio", "lyric", "concept"):
            name = str(getattr(self, place))
            if name != NO_ENCODER and name.partition(":")[0] not in ENCODERS:
                known = ", ".join((*ENCODERS, NO_ENCODER))
                raise SettingsError(f"{place} encoder '{name}'; expected one of {known}")


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """A whole training run.

    Attributes
    ----------
    seed : of folds, initial weights and batches.
    n_folds : inner song-grouped folds, from which calibration, `match` and honest figures come.
    full_view_share : weight of the full view among the views of a song (the others share the rest).
    velocity_free_share : weight of the copies that hide everything derived from velocity.
    max_concept_weight : largest share of the concept's expert in the average with music.
    fusion : "late" (one expert per modality, averaged), or a strategy of `JOINT_STRATEGIES`: one network for classes and
        axes; fitness and contributions come from the experts all the same.
    encoders : what reads sound and texts. midi, audio, text : their experts. joint : the network
        of the other strategies. loss : of all of them.
    """

    seed: int = 0
    n_folds: int = 5
    full_view_share: float = 0.4
    velocity_free_share: float = 0.5
    max_concept_weight: float = 0.25
    fusion: str = LATE
    encoders: EncoderNames = field(default_factory=EncoderNames)
    midi: ExpertSettings = field(default_factory=ExpertSettings)
    audio: ExpertSettings = field(default_factory=lambda: ExpertSettings(standardize=True))
    text: ExpertSettings = field(default_factory=lambda: ExpertSettings(linear_l2=0.005, n_networks=0))
    joint: JointSettings = field(default_factory=JointSettings)
    loss: LossSettings = field(default_factory=LossSettings)

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if self.n_folds < 2:
            raise SettingsError(f"n_folds is {self.n_folds}; expected 2 or more")
        if self.fusion not in (LATE, *JOINT_STRATEGIES):
            raise SettingsError(f"fusion is '{self.fusion}'; expected one of {', '.join((LATE, *JOINT_STRATEGIES))}")
        for name in ("full_view_share", "velocity_free_share", "max_concept_weight"):
            if not 0 < getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected between 0 and 1")


def settings_from(config: Mapping[str, Any]) -> FusionSettings:
    """Return the settings a training record holds; what the record holds beside them is left alone.

    Raises
    ------
    SettingsError : a value is missing.
    """
    missing = [one.name for one in fields(FusionSettings) if one.name not in config]
    if missing:
        raise SettingsError(
            f"the training record has no '{missing[0]}'; it is of another version; train the model again"
        )
    kinds = get_type_hints(FusionSettings)
    found = {one.name: config[one.name] for one in fields(FusionSettings)}
    return FusionSettings(
        **{name: kinds[name](**value) if is_dataclass(kinds[name]) else value for name, value in found.items()}
    )
