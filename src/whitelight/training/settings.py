"""What a training run can be told; checked on construction, written beside the model."""

from dataclasses import dataclass, field

from whitelight.errors import WhitelightError


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
    """

    seed: int = 0
    n_folds: int = 5
    full_view_share: float = 0.4
    velocity_free_share: float = 0.5
    max_concept_weight: float = 0.25
    midi: ExpertSettings = field(default_factory=ExpertSettings)
    text: ExpertSettings = field(default_factory=lambda: ExpertSettings(linear_l2=0.02, n_networks=0))

    def __post_init__(self) -> None:
        """Refuse impossible values."""
        if self.n_folds < 2:
            raise SettingsError(f"n_folds is {self.n_folds}; expected 2 or more")
        for name in ("full_view_share", "velocity_free_share", "max_concept_weight"):
            if not 0 < getattr(self, name) < 1:
                raise SettingsError(f"{name} is {getattr(self, name)}; expected between 0 and 1")
