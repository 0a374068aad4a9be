"""Faults told by a network that reads a repetition from its first frame to its last: the deep kind.

A temporal convolution (`scoring.learning.network`) is given the curves of
`scoring.methods.features` at FPS, how far along the movement the body is, from which side it is
seen and which points are, as long as the repetition takes. It answers once for the whole, for every
fault: how likely it is there, its dose, how much more of it is on the left, and when it begins and
ends.

In every epoch each repetition is seen by another of its virtual cameras, or in a mirror.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np

from scoring.learning.examples import at_rate
from scoring.learning.fault_kinds import DOSES, Estimate, FaultKind, Learnt, Material
from scoring.learning.network import Network
from scoring.learning.network import fit as fit_network
from scoring.learning.network_spec import Example, Head, NetworkSpec, spec_from
from scoring.methods.features import LONGEST_GAP_S, aspect, curves
from scoring.methods.repetitions import moving_curve
from scoring.poses import PoseSequence, filled

FPS = 15.0
EPOCHS = 40
_FAR = 8.0
"""No number is beyond this: one over a torso that is hardly seen would be."""


def given(sequence: PoseSequence) -> np.ndarray:
    """Return what the network is given of each frame of a repetition. Shape (T, F)."""
    whole = filled(at_rate(sequence, FPS), LONGEST_GAP_S)
    along = moving_curve(whole)
    columns = [
        *curves(whole).values(),
        along,
        np.linspace(0, 1, whole.n_frames),
        *np.broadcast_to(aspect(whole)[:, None], (3, whole.n_frames)),
        *(~whole.missing).T,
    ]
    return np.nan_to_num(np.clip(np.stack(columns, axis=1), -_FAR, _FAR), nan=0.0)


def spec_for(n_inputs: int, n_faults: int) -> NetworkSpec:
    """Return the network for so many features of a frame and so many faults."""
    heads = (
        Head("present", n_faults, "bce"),
        Head("dose", n_faults, "mse", weight=10.0),
        Head("turned", n_faults, "mse", weight=5.0),
        Head("span", 2 * n_faults, "mse", weight=5.0),
    )
    return NetworkSpec("conv", n_inputs, heads, "sequence", width=64, n_layers=5, dropout=0.0)


def fit(
    material: Material, seed: int, on_done: Callable[[int, int], None] = lambda done, total: None
) -> Learnt:
    """Train the network, on all people of the material."""
    n_faults = material.doses.shape[1]
    wanted = np.concatenate(
        [
            material.labels(),
            np.clip(material.doses, *DOSES),
            material.turned,
            material.spans.reshape(len(material.doses), -1),
        ],
        axis=1,
    )
    views = [np.flatnonzero(material.reps == rep) for rep in np.unique(material.reps)]

    def shown(index: int, rng: np.random.Generator) -> Example:
        view = rng.choice(views[index])
        return material.inputs[view], wanted[view]

    spec = spec_for(material.inputs[0].shape[1], n_faults)
    fitted = fit_network(
        spec,
        [material.inputs[own[0]] for own in views],
        [wanted[own[0]] for own in views],
        seed=seed,
        epochs=EPOCHS,
        batch_size=32,
        vary=shown,
        on_epoch=on_done,
    )
    return Learnt(fitted.network.weights, {"network": asdict(spec), "fps": FPS})


def estimate(learnt: Learnt, inputs: Sequence[np.ndarray]) -> Estimate:
    """Estimate from M inputs."""
    network = Network(spec_from(learnt.config["network"]), learnt.weights)
    found = np.stack(network.predict(inputs))
    present, doses, turned, spans = (
        found[:, network.spec.columns(head.name)] for head in network.spec.heads
    )
    odds = np.log(present + 1e-9) - np.log1p(1e-9 - present)
    return Estimate(doses, odds, turned, spans.reshape(*doses.shape, 2))


KIND = FaultKind(given, fit, estimate, in_mirror=True)
