"""What a network is made of, without torch: kinds, answers, heads, and what fits them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from motions.errors import FormbenchError, unknown_name

KINDS = ("conv", "gru")
"""What they are is said in `scoring.learning.network`."""
ANSWERS = ("frame", "sequence")
LOSSES = ("bce", "l1", "mse")
"""Binary cross-entropy, whose predictions are probabilities; absolute and squared difference."""


Example = tuple[np.ndarray, np.ndarray]
"""Input (T, F) and target, (T, K) or (K,)."""


@dataclass(frozen=True)
class Head:
    """A group of outputs with a loss of its own."""

    name: str
    size: int
    loss: str
    """One of LOSSES."""
    weight: float = 1.0
    """Of this loss in the sum."""
    positive_weight: float = 1.0
    """For "bce": how much more a 1 counts than a 0."""


class Epoch(NamedTuple):
    """How a pass over the training sequences ended."""

    train_loss: float
    validation_loss: float
    """NaN where there is nobody to validate on."""


@dataclass(frozen=True)
class Unlabelled:
    """Sequences whose answers nobody knows, and what answers to them should agree with."""

    inputs: Sequence[np.ndarray]
    """Each of shape (T_i, F)."""
    loss: Callable[[Any, Any, Any], Any]
    """Of answers (B, T, K), inputs (B, T, F) and which frames are there (B, T, 1), as tensors."""
    weight: float


@dataclass(frozen=True)
class NetworkSpec:
    """Everything about a network but its weights."""

    kind: str
    """One of KINDS."""
    n_inputs: int
    """Features F of a frame."""
    heads: tuple[Head, ...]
    """What is answered, in this order."""
    answers: str = "frame"
    """One of ANSWERS: K values for each frame or for the sequence."""
    width: int = 48
    n_layers: int = 5
    """A "conv" sees 2**n_layers - 1 frames to either side."""
    dropout: float = 0.1

    def __post_init__(self) -> None:
        for what, value, known in (
            ("kind", self.kind, KINDS),
            ("answers", self.answers, ANSWERS),
            *((f"loss of {head.name}", head.loss, LOSSES) for head in self.heads),
        ):
            if value not in known:
                raise unknown_name(f"network: {what}", value, known)
        sizes = (self.n_inputs, self.width, self.n_layers, len(self.heads))
        if min(*sizes, *(head.size for head in self.heads)) < 1:
            raise FormbenchError(f"network: expected sizes of at least 1, got {self}")

    @property
    def n_outputs(self) -> int:
        """Values K of an answer."""
        return sum(head.size for head in self.heads)

    def columns(self, head_name: str) -> slice:
        """Return where a head's outputs are among the K."""
        start = 0
        for head in self.heads:
            if head.name == head_name:
                return slice(start, start + head.size)
            start += head.size
        raise unknown_name("network: head", head_name, [head.name for head in self.heads])


def spec_from(about: Mapping[str, Any]) -> NetworkSpec:
    """Build a spec from `dataclasses.asdict` of one, as JSON gives it back."""
    return NetworkSpec(**{**about, "heads": tuple(Head(**head) for head in about["heads"])})


def check_inputs(spec: NetworkSpec, inputs: Sequence[np.ndarray]) -> None:
    """Refuse inputs that are not finite numbers of shape (T, F)."""
    for number, array in enumerate(inputs):
        if array.ndim != 2 or not len(array) or array.shape[1] != spec.n_inputs:
            raise FormbenchError(
                f"network: input {number}: expected shape (T, {spec.n_inputs}), got {array.shape}"
            )
        if not np.isfinite(array).all():
            raise FormbenchError(f"network: input {number}: expected finite numbers")


def check_examples(
    spec: NetworkSpec,
    inputs: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    people: Sequence[str],
) -> None:
    """Refuse what cannot be learnt from; there may be nobody in `people`."""
    check_inputs(spec, inputs)
    if not inputs or len(inputs) != len(targets):
        raise FormbenchError(
            f"network: expected sequences with a target each, got {len(inputs)} and {len(targets)}"
        )
    if people and len(people) != len(inputs):
        raise FormbenchError(
            f"network: expected a person for each of {len(inputs)} sequences, got {len(people)}"
        )
    for number, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        shape = (len(x), spec.n_outputs) if spec.answers == "frame" else (spec.n_outputs,)
        if y.shape != shape:
            raise FormbenchError(f"network: target {number}: expected shape {shape}, got {y.shape}")


def held_back(people: Sequence[str], share: float, rng: np.random.Generator) -> set[str]:
    """Draw who is validated on."""
    names = sorted(set(people))
    n_back = min(max(1, round(share * len(names))), len(names) - 1) if names else 0
    return {names[i] for i in rng.permutation(len(names))[:n_back]}
