"""The rows of a dataset as the expert of MIDI reads them: standardized per view, heard with loudness and without it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whitelight.dataset import VIEWS
from whitelight.ontology import Ontology
from whitelight.scoring.calibration import VELOCITIES
from whitelight.scoring.heads import heads_of
from whitelight.scoring.scaling import Scaler
from whitelight.training.models import Changes, Examples
from whitelight.training.recipe import Learner, Mask, fit_scaler, rewriting_changes
from whitelight.training.rewriting import Rewritten
from whitelight.training.rows import Rows, TooLittleMaterialError
from whitelight.training.settings import FusionSettings

FULL, LOUD = VIEWS.index("full"), VELOCITIES.index("full")


@dataclass(frozen=True, slots=True)
class MidiLesson:
    """What an expert of MIDI learns from.

    Attributes
    ----------
    scaler : applies to every row that is judged. examples : twice the rows, the second half blind to velocity.
    groups : (n,), source song of each example.
    """

    scaler: Scaler
    examples: Examples
    groups: NDArray[np.object_]


def midi_lesson(
    rows: Rows,
    train: Mask,
    *,
    uses_velocity: Mask,
    ontology: Ontology,
    settings: FusionSettings,
    rewritten: Rewritten | None = None,
) -> MidiLesson:
    """Prepare the chosen rows as `recipe.fit_fusion` does.

    Parameters
    ----------
    uses_velocity : (dim,), descriptors that derive from velocity.
    rewritten : music of some rows written otherwise; of it the rows in `train` are used.

    Raises
    ------
    TooLittleMaterialError : no chosen row has MIDI.
    """
    used = train & rows.has_midi
    if not used.any():
        raise TooLittleMaterialError(f"none of {int(train.sum())} training rows has MIDI; add songs with MIDI")
    learner = Learner(ontology, heads_of(ontology), settings, FULL)
    weights = learner.weights(rows, used)
    scaler = fit_scaler(rows.descriptors, rows.view, weights, uses_velocity, len(VIEWS))
    chosen, share = np.flatnonzero(used), settings.velocity_free_share
    view = rows.view[chosen]
    heard = [scaler.apply(rows.descriptors[chosen], view, v) for v in (LOUD, VELOCITIES.index("free"))]
    doubled = np.concatenate([weights[chosen] * (1.0 - share), weights[chosen] * share])
    examples = learner.examples(np.concatenate(heard), np.tile(rows.label[chosen], 2), doubled)
    reach = settings.midi.change_reach
    if rewritten is not None and reach:
        differences, of_view = rewriting_changes(rows, train, scaler, rewritten)
        if len(differences):
            examples = replace(examples, changes=Changes.of(differences, of_view, np.tile(view, 2), reach=reach))
    return MidiLesson(scaler, examples, np.tile(rows.group_id[chosen], 2))
