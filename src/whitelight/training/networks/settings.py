"""What the training of a network can be told; checked on construction, written beside the model."""

from dataclasses import dataclass, field

from whitelight.training.settings import LossSettings, SettingsError

ROLL, REMI = "roll", "remi"
KINDS = (ROLL, REMI)
PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
STRATEGIES = ("auto", "ddp")


@dataclass(frozen=True, slots=True)
class AugmentationSettings:
    """How a row is changed before an epoch sees it; 0 switches a change off.

    Attributes
    ----------
    transpose : largest shift, semitones, either way.
    tempo : largest change of the tempo, a share in [0, 1): 0.1 is 10 % faster or slower.
    velocity : largest shift of all velocities together, either way.
    note_drop : largest share of the notes left out, [0, 1).
    view_drop : chance that a segment is heard through one of its single views instead of all voices, [0, 1].
    """

    transpose: int = 5
    tempo: float = 0.1
    velocity: int = 5
    note_drop: float = 0.1
    view_drop: float = 0.3

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if not 0 <= self.transpose <= 12:
            raise SettingsError(f"transpose is {self.transpose}; expected 0 to 12 semitones")
        if not 0 <= self.velocity <= 64:
            raise SettingsError(f"velocity is {self.velocity}; expected 0 to 64")
        for name in ("tempo", "note_drop"):
            if not 0 <= getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected at least 0 and below 1")
        if not 0 <= self.view_drop <= 1:
            raise SettingsError(f"view_drop is {self.view_drop}; expected 0 to 1")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """One network and its training.

    Attributes
    ----------
    kind : "roll" (convolutions over piano rolls) or "remi" (a transformer over tokens).
    width : channels of the widest convolution, or the size of an embedding; a multiple of `n_heads` for "remi".
    n_layers : convolutions after the first, or transformer layers. n_heads : of attention, "remi" only.
    n_steps : length of a window: cells of 0.1 s ("roll") or notes ("remi").
    n_windows : windows, spread evenly, whose logits are averaged in judging a row; training sees one at random.
    epochs, batch_size : the batch is the global one, whatever the number of processes.
    learning_rate, weight_decay : AdamW; the rate rises over the first tenth of the steps and falls along a cosine.
    dropout : share of activations, [0, 1). mixup : both parameters of the beta distribution, 0 is none.
    validation_share : of the songs, held out to choose checkpoints and to fit temperatures, (0, 0.5].
    augmentation, loss : as their classes say.
    precision : "32-true", "bf16-mixed", or "16-mixed" (GPU only).
    devices : processes, each with a GPU of its own if there is one; above 1 `torchrun` must start as many. At 1 any
        number it starts is right.
    strategy : "auto", or "ddp" even for one process; several always use it.
    keep_best : checkpoints kept by validation log-loss; the best one becomes the model.
    seed : of split, weights, order, augmentation.
    """

    kind: str = ROLL
    width: int = 64
    n_layers: int = 3
    n_heads: int = 4
    n_steps: int = 128
    n_windows: int = 4
    epochs: int = 40
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    dropout: float = 0.2
    mixup: float = 0.4
    validation_share: float = 0.2
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    loss: LossSettings = field(default_factory=LossSettings)
    precision: str = "32-true"
    devices: int = 1
    strategy: str = "auto"
    keep_best: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        self._check_choices()
        for name in ("width", "n_layers", "n_heads", "n_windows", "epochs", "batch_size", "devices", "keep_best"):
            if not getattr(self, name) >= 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected 1 or more")
        for name in ("learning_rate", "weight_decay", "mixup"):
            value = getattr(self, name)
            if not 0 <= value < float("inf") or (name == "learning_rate" and value == 0):
                raise SettingsError(f"{name} is {value}; expected a positive number")
        if not 16 <= self.n_steps <= 2048:
            raise SettingsError(f"n_steps is {self.n_steps}; expected 16 to 2048 cells or notes")
        if not 0 <= self.dropout < 1:
            raise SettingsError(f"dropout is {self.dropout}; expected at least 0 and below 1")
        if not 0 < self.validation_share <= 0.5:
            raise SettingsError(f"validation_share is {self.validation_share}; expected more than 0, at most 0.5")
        if self.kind == REMI and self.width % self.n_heads:
            raise SettingsError(f"width is {self.width}; expected a multiple of n_heads, {self.n_heads}")
        if self.batch_size % self.devices:
            raise SettingsError(f"batch_size is {self.batch_size}; expected a multiple of devices, {self.devices}")
        if self.seed < 0:
            raise SettingsError(f"seed is {self.seed}; expected 0 or more")

    def _check_choices(self) -> None:
        for name, known in (("kind", KINDS), ("precision", PRECISIONS), ("strategy", STRATEGIES)):
            if getattr(self, name) not in known:
                raise SettingsError(f"{name} is '{getattr(self, name)}'; expected one of {', '.join(known)}")
