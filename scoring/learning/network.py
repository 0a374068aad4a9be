"""Small networks over sequences of unequal length: the only file of scoring that imports torch.

Sequences come as a list of arrays (T_i, F), one a recording. They are padded and masked here, so
that what a sequence gives does not depend on those beside it. A network answers for each frame, or
once for the whole sequence from the mean and the maximum over its frames. Numpy goes in and comes
out; a value that is not known in a target is NaN and adds nothing to the loss.

* "conv": residual blocks of convolutions over time, the i-th with dilation 2**i, after Bai, Kolter
  and Koltun 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks".
* "gru": a gated recurrent network run in both directions (Cho et al. 2014).

One thread and a generator of its own make a fit the same every time on one machine.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from motions.errors import FormbenchError
from scoring.learning.network_spec import (
    Epoch,
    Example,
    NetworkSpec,
    Unlabelled,
    check_examples,
    check_inputs,
    held_back,
)  # fmt: skip

_BATCH = 64  # sequences that are predicted at once


class Network:
    """A spec with weights.

    Args:
        spec: What it is made of.
        weights: By name, as `weights` of another network of this spec gives them.

    Raises:
        FormbenchError: The weights are those of another spec.
    """

    def __init__(self, spec: NetworkSpec, weights: Mapping[str, np.ndarray]) -> None:
        self.spec = spec
        with _apart():
            self._module = _Module(spec)
        wanted = {name: tuple(w.shape) for name, w in self._module.state_dict().items()}
        got = {name: w.shape for name, w in weights.items()}
        if wanted != got:
            off = sorted(set(wanted.items()) ^ set(got.items()))[0]
            raise FormbenchError(f"network: expected weights of {spec.kind}, differing in {off}")
        self._module.load_state_dict({n: torch.tensor(w) for n, w in weights.items()})
        self._module.eval()

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """By name, float32."""
        return {name: w.numpy().copy() for name, w in self._module.state_dict().items()}

    @property
    def n_parameters(self) -> int:
        """How many numbers were learnt."""
        return sum(parameter.numel() for parameter in self._module.parameters())

    def predict(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Answer for each sequence.

        Args:
            inputs: Finite numbers, each of shape (T_i, F).

        Returns:
            For each sequence (T_i, K) or (K,), float64; probabilities for "bce" heads.
        """
        check_inputs(self.spec, inputs)
        answers: list[np.ndarray] = []
        with _apart(), torch.inference_mode():
            for start in range(0, len(inputs), _BATCH):
                given = inputs[start : start + _BATCH]
                padded, lengths = _padded(given)
                out = self._module(padded, lengths)
                for head in self.spec.heads:
                    if head.loss == "bce":
                        out[..., self.spec.columns(head.name)].sigmoid_()
                found = out.numpy().astype(np.float64)
                if self.spec.answers == "frame":
                    answers += [row[: len(x)] for row, x in zip(found, given, strict=True)]
                else:
                    answers += list(found)
        return answers


class Fitted(NamedTuple):
    """What `fit` gives."""

    network: Network
    """As it was when the validation loss was lowest; at the end without validation."""
    epochs: tuple[Epoch, ...]
    validation_people: tuple[str, ...]
    """Who was not learnt from, sorted."""


def fit(
    spec: NetworkSpec,
    inputs: Sequence[np.ndarray],
    targets: Sequence[np.ndarray],
    *,
    seed: int,
    epochs: int,
    people: Sequence[str] = (),
    validation_share: float = 0.2,
    patience: int = 10,
    batch_size: int = 16,
    learning_rate: float = 3e-3,
    vary: Callable[[int, np.random.Generator], Example] | None = None,
    unlabelled: Unlabelled | None = None,
    on_epoch: Callable[[int, int], None] = lambda done, total: None,
) -> Fitted:
    """Train a network, and stop when people who are held back are no longer predicted better.

    Args:
        spec: What to train.
        inputs: Finite numbers, each of shape (T_i, F).
        targets: Each of shape (T_i, K) or (K,); NaN where nothing is known.
        seed: Decides the first weights, who is held back and the order.
        epochs: At most so many passes.
        people: Who each sequence is of; without it nobody is held back.
        validation_share: Of people; at least one is held back where two are there.
        patience: Stop after so many epochs without a lower validation loss.
        batch_size: Sequences of one step.
        learning_rate: The highest; it rises for the first tenth and falls to zero along a cosine.
        vary: Makes a training sequence, by its index, anew in every epoch, seen from elsewhere for
            example; held-back sequences stay as they are in `inputs`.
        unlabelled: As many of these are shown at each step as of the others.
        on_epoch: Told how many epochs of how many are done.

    Raises:
        FormbenchError: The shapes do not fit, or there is nothing to learn from.
    """
    check_examples(spec, inputs, targets, people)
    check_inputs(spec, unlabelled.inputs if unlabelled else ())
    rng = np.random.default_rng(seed)
    examples = list(zip(inputs, targets, strict=True))
    held = held_back(people, validation_share, rng)
    is_held = np.array([person in held for person in people] or [False] * len(inputs))
    learnt, checked = np.flatnonzero(~is_held), [examples[i] for i in np.flatnonzero(is_held)]
    n_batches = -(-len(learnt) // batch_size)
    history: list[Epoch] = []
    best_loss, best_epoch, best = np.inf, 0, {}
    with _apart():
        torch.manual_seed(seed)
        module = _Module(spec)
        module.standardise(np.concatenate([inputs[i] for i in learnt]))
        optimiser = torch.optim.AdamW(module.parameters(), lr=learning_rate, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, learning_rate, total_steps=epochs * n_batches, pct_start=0.1
        )
        for done in range(1, epochs + 1):
            module.train()
            losses = []
            for batch in np.array_split(rng.permutation(learnt), n_batches):
                loss = _loss(module, [vary(int(i), rng) if vary else examples[i] for i in batch])
                if unlabelled:
                    drawn = rng.integers(len(unlabelled.inputs), size=len(batch))
                    padded, lengths = _padded([unlabelled.inputs[i] for i in drawn])
                    there = (torch.arange(padded.shape[1]) < lengths[:, None])[..., None]
                    off = unlabelled.loss(module(padded, lengths), padded, there)
                    loss = loss + unlabelled.weight * off
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(module.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                losses.append(float(loss.detach()))
            epoch = Epoch(float(np.mean(losses)), _loss_on(module, checked))
            history.append(epoch)
            on_epoch(done, epochs)
            if not checked or epoch.validation_loss < best_loss:
                best_loss, best_epoch = epoch.validation_loss, done
                best = {name: w.numpy().copy() for name, w in module.state_dict().items()}
            elif done - best_epoch >= patience:
                break
    return Fitted(Network(spec, best), tuple(history), tuple(sorted(held)))


class _Module(nn.Module):
    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__()
        self.spec = spec
        self.register_buffer("input_mean", torch.zeros(spec.n_inputs))
        self.register_buffer("input_scale", torch.ones(spec.n_inputs))
        self.into = nn.Linear(spec.n_inputs, spec.width)
        if spec.kind == "conv":
            self.blocks = nn.ModuleList(_Block(spec, 2**i) for i in range(spec.n_layers))
            self.norm = nn.LayerNorm(spec.width)
        else:
            between = spec.dropout if spec.n_layers > 1 else 0.0
            half = -(-spec.width // 2)
            self.gru = nn.GRU(spec.width, half, spec.n_layers, bidirectional=True,
                              batch_first=True, dropout=between)  # fmt: skip
            self.norm = nn.LayerNorm(2 * half)
        n_seen = self.norm.normalized_shape[0] * (1 if spec.answers == "frame" else 2)
        self.out = nn.Sequential(nn.Dropout(spec.dropout), nn.Linear(n_seen, spec.n_outputs))

    def standardise(self, frames: np.ndarray) -> None:
        """Take mean and scale of features from frames (N, F); a constant one keeps its scale."""
        scale = frames.std(axis=0)
        self.input_mean.copy_(torch.tensor(frames.mean(axis=0)))
        self.input_scale.copy_(torch.tensor(np.where(scale > 1e-6, scale, 1.0)))

    def forward(self, padded: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        there = (torch.arange(padded.shape[1]) < lengths[:, None])[..., None]  # (B, T, 1)
        x = self.into((padded - self.input_mean) / self.input_scale).relu() * there
        if self.spec.kind == "conv":
            for block in self.blocks:
                x = block(x, there)
        else:
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            x = pad_packed_sequence(self.gru(packed)[0], batch_first=True)[0]
        x = self.norm(x)
        if self.spec.answers == "sequence":
            mean = (x * there).sum(dim=1) / lengths[:, None]
            x = torch.cat([mean, x.masked_fill(~there, -torch.inf).amax(dim=1)], dim=1)
        return self.out(x)


class _Block(nn.Module):
    """Add to x (B, T, width) a mix of what a dilated convolution finds; zero beyond the ends."""

    def __init__(self, spec: NetworkSpec, dilation: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(spec.width)
        self.over_time = nn.Conv1d(spec.width, spec.width, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Linear(spec.width, spec.width)
        self.dropout = nn.Dropout(spec.dropout)

    def forward(self, x: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
        found = self.over_time((self.norm(x) * there).transpose(1, 2)).transpose(1, 2).relu()
        return x + self.dropout(self.mix(found))


def _loss_on(module: _Module, examples: Sequence[Example]) -> float:
    """Return the loss on examples that are not learnt from, NaN for none."""
    module.eval()
    parts = [examples[start : start + _BATCH] for start in range(0, len(examples), _BATCH)]
    with torch.no_grad():
        losses = [float(_loss(module, part)) for part in parts]
    return float(np.mean(losses or [np.nan]))


def _loss(module: _Module, examples: Sequence[Example]) -> torch.Tensor:
    """Sum over heads the weighted mean over what is known."""
    padded, lengths = _padded([x for x, _ in examples])
    out = module(padded, lengths)
    wanted = pad_sequence(
        [torch.tensor(y, dtype=torch.float32) for _, y in examples],
        batch_first=True,
        padding_value=torch.nan,
    )
    known = ~wanted.isnan()
    total = torch.zeros(())
    for head in module.spec.heads:
        columns = module.spec.columns(head.name)
        there = known[..., columns]
        x, y = out[..., columns][there], wanted[..., columns][there]
        if head.loss == "bce":
            more = torch.tensor(head.positive_weight)
            off = binary_cross_entropy_with_logits(x, y, pos_weight=more, reduction="none")
        else:
            off = (x - y).abs() if head.loss == "l1" else (x - y) ** 2
        total = total + head.weight * off.sum() / max(1, len(off))
    return total


def _padded(inputs: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return sequences with zeros behind, (B, T, F), and how long each is, (B,)."""
    rows = [torch.tensor(x, dtype=torch.float32) for x in inputs]
    return pad_sequence(rows, batch_first=True), torch.tensor([len(x) for x in inputs])


@contextmanager
def _apart() -> Iterator[None]:
    """Work on one thread, and put torch's one generator back, which weights and dropout draw from.

    Sums depend on how many threads share them, and small networks are no faster with more.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(before)
