"""Training a network on takes: the part that is the same for all that is learnt frame by frame."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from scoring.learning.examples import CONVENTION, Take
from scoring.learning.model_file import Model
from scoring.learning.network import fit
from scoring.learning.network_spec import Example, NetworkSpec


@dataclass(frozen=True)
class Task:
    """What is to be learnt from takes."""

    kind: str
    """Of the model."""
    spec: NetworkSpec
    fps: float
    """Frames per second that the network knows."""
    shown: Callable[[Take, np.random.Generator], Example]
    """Look at a take from somewhere, another time from elsewhere."""
    measured: Callable[[Model, Sequence[Take], np.random.Generator], Mapping[str, float]]
    """How well a model does on takes of people held back."""


def learn(
    task: Task,
    takes: Sequence[Take],
    data_sha256: str,
    *,
    seed: int,
    on_epoch: Callable[[int, int], None],
    **wishes: Any,
) -> Model:
    """Train a network on takes, each seen from elsewhere in every epoch.

    Args:
        task: What is to be learnt.
        takes: Of at least two people; a fifth of these is held back to say when to stop.
        data_sha256: Of the dataset that they are from.
        seed: Decides what is shown, and the weights.
        on_epoch: Told how many epochs of how many are done.
        wishes: Further arguments of `scoring.learning.network.fit`, `epochs` among them.
    """
    rng = np.random.default_rng(seed)
    examples = [task.shown(take, rng) for take in takes]
    fitted = fit(
        task.spec,
        [x for x, _ in examples],
        [y for _, y in examples],
        seed=seed,
        people=[take.poses.person for take in takes],
        vary=lambda index, rng: task.shown(takes[index], rng),
        on_epoch=on_epoch,
        **wishes,
    )
    model = Model(
        kind=task.kind,
        convention_name=CONVENTION,
        config={"network": asdict(task.spec), "fps": task.fps},
        weights=fitted.network.weights,
        data_sha256=data_sha256,
        metrics={},
    )
    held = [take for take in takes if take.poses.person in fitted.validation_people]
    return replace(model, metrics=task.measured(model, held, rng))
