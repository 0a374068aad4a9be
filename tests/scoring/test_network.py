import sys

import numpy as np
import pytest
import torch

from motions.errors import FormbenchError
from scoring.learning.network import Network, fit
from scoring.learning.network_spec import ANSWERS, KINDS, Head, NetworkSpec, spec_from

HIGH = Head("high", 1, "bce")
SUM = Head("sum", 1, "mse")

every_kind = pytest.mark.parametrize("kind", KINDS)
every_answer = pytest.mark.parametrize("answers", ANSWERS)


def small(kind="conv", answers="frame", heads=(HIGH, SUM)):
    return NetworkSpec(kind, 3, heads, answers, width=16, n_layers=2, dropout=0.0)


def material(answers, n=48):
    """Whether the first feature is above 0, and what all add up to; at a frame, or on the mean."""
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(rng.integers(5, 15), 3)) for _ in range(n)]
    seen = inputs if answers == "frame" else [x.mean(axis=0) for x in inputs]
    return inputs, [np.stack([x[..., 0] > 0, x.sum(axis=-1)], axis=-1).astype(float) for x in seen]


@every_kind
@every_answer
def test_it_learns_what_is_there_to_learn(kind, answers):
    inputs, targets = material(answers)
    network = fit(small(kind, answers), inputs, targets, seed=0, epochs=120).network

    found = np.vstack(network.predict(inputs))
    wanted = np.vstack(targets)

    assert ((found[:, 0] > 0.5) == wanted[:, 0]).mean() > 0.95
    assert np.corrcoef(found[:, 1], wanted[:, 1])[0, 1] > 0.97


@every_kind
@every_answer
def test_a_sequence_answers_the_same_whoever_is_beside_it(kind, answers):
    inputs, targets = material(answers)
    network = fit(small(kind, answers), inputs, targets, seed=0, epochs=1).network

    together = network.predict(inputs)

    for x, answer in zip(inputs, together, strict=True):
        np.testing.assert_allclose(network.predict([x])[0], answer, atol=1e-5)


@every_kind
def test_the_same_seed_learns_the_same_weights_and_another_others(kind):
    inputs, targets = material("frame", n=8)
    first, again, other = (
        fit(small(kind), inputs, targets, seed=seed, epochs=3).network.weights for seed in (1, 1, 2)
    )

    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)


def test_the_generators_of_others_are_left_alone():
    inputs, targets = material("frame", n=4)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()

    fit(small(), inputs, targets, seed=0, epochs=1)

    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_weights_make_the_same_network_again():
    inputs, targets = material("frame", n=4)
    network = fit(small(), inputs, targets, seed=0, epochs=1).network

    again = Network(small(), network.weights)

    assert all(
        (a == b).all() for a, b in zip(network.predict(inputs), again.predict(inputs), strict=True)
    )


def test_weights_of_another_spec_are_refused():
    inputs, targets = material("frame", n=4)
    network = fit(small(), inputs, targets, seed=0, epochs=1).network

    with pytest.raises(FormbenchError, match="expected weights of gru"):
        Network(small("gru"), network.weights)


def test_what_is_not_known_adds_nothing_to_the_loss():
    inputs, targets = material("frame", n=8)
    unknown = [np.where([False, True], np.nan, y) for y in targets]
    unheard = (HIGH, Head("sum", 1, "mse", weight=0.0))

    def losses(heads, given):
        epochs = fit(small(heads=heads), inputs, given, seed=0, epochs=3).epochs
        return [epoch.train_loss for epoch in epochs]

    assert losses((HIGH, SUM), unknown) == losses(unheard, targets)
    assert losses((HIGH, SUM), targets) != losses(unheard, targets)


def test_people_are_held_back_whole_and_end_a_fit_that_no_longer_helps_them():
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(6, 3)) for _ in range(20)]
    targets = [rng.integers(0, 2, size=(6, 1)).astype(float) for _ in inputs]  # chance alone
    people = [f"person_{i // 4}" for i in range(20)]

    fitted = fit(
        small(heads=(HIGH,)), inputs, targets, seed=0, epochs=200, people=people, patience=3
    )

    assert len(fitted.validation_people) == 1
    assert set(fitted.validation_people) < set(people)
    losses = [epoch.validation_loss for epoch in fitted.epochs]
    assert len(losses) < 200
    assert int(np.argmin(losses)) == len(losses) - 4


def test_the_network_kept_is_the_one_that_did_best_on_people_held_back():
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(6, 3)) for _ in range(20)]
    targets = [rng.choice([0, 1, np.nan], size=(6, 1)) for _ in inputs]
    people = [f"person_{i // 4}" for i in range(20)]
    fitted = fit(
        small(heads=(HIGH,)), inputs, targets, seed=0, epochs=200, people=people, patience=3
    )
    back = [i for i, person in enumerate(people) if person in fitted.validation_people]

    p = np.vstack(fitted.network.predict([inputs[i] for i in back]))
    y = np.vstack([targets[i] for i in back])
    entropy = np.nanmean(-(y * np.log(p) + (1 - y) * np.log(1 - p)))

    assert entropy == pytest.approx(min(e.validation_loss for e in fitted.epochs), rel=1e-5)


def test_a_sequence_that_varies_is_made_anew_in_every_epoch():
    inputs, targets = material("frame", n=6)
    asked = []

    def vary(index, rng):
        asked.append((index, int(rng.integers(1000))))
        return inputs[index], targets[index]

    fit(small(), inputs, targets, seed=0, epochs=3, vary=vary)

    assert sorted(index for index, _ in asked) == sorted([*range(6)] * 3)
    assert len(set(asked)) > 12


def test_a_positive_weight_makes_rare_ones_likelier():
    inputs = [np.zeros((10, 3))] * 4
    targets = [np.eye(10)[:, :1]] * 4  # one in ten, and nothing tells which

    def learnt(weight):
        heads = (Head("rare", 1, "bce", positive_weight=weight),)
        network = fit(small("gru", heads=heads), inputs, targets, seed=0, epochs=200).network
        return float(network.predict(inputs)[0].mean())

    # What minimises the loss: p = w / (w + 9).
    assert learnt(1.0) < learnt(9.0) < 0.75


def test_heads_say_where_they_are():
    spec = small(heads=(Head("a", 2, "bce"), Head("b", 3, "l1")))

    assert (spec.columns("a"), spec.columns("b"), spec.n_outputs) == (slice(0, 2), slice(2, 5), 5)
    with pytest.raises(FormbenchError, match="head: no 'c'"):
        spec.columns("c")


def test_a_spec_comes_back_from_json():
    import json
    from dataclasses import asdict

    assert spec_from(json.loads(json.dumps(asdict(small())))) == small()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": "transformer"}, "kind: no 'transformer'"),
        ({"answers": "all"}, "answers: no 'all'"),
        ({"heads": (Head("a", 1, "hinge"),)}, "loss of a: no 'hinge'"),
        ({"width": 0}, "sizes of at least 1"),
        ({"heads": ()}, "sizes of at least 1"),
    ],
)
def test_a_spec_that_makes_no_network_is_refused(changed, message):
    given = {"kind": "conv", "n_inputs": 3, "heads": (HIGH,), **changed}

    with pytest.raises(FormbenchError, match=message):
        NetworkSpec(**given)


@pytest.mark.parametrize(
    ("inputs", "targets", "people", "message"),
    [
        ([np.zeros((4, 2))], [np.zeros((4, 2))], (), r"input 0: expected shape \(T, 3\)"),
        ([np.zeros((0, 3))], [np.zeros((0, 2))], (), "input 0"),
        ([np.full((4, 3), np.nan)], [np.zeros((4, 2))], (), "input 0: expected finite"),
        ([np.zeros((4, 3))], [np.zeros((5, 2))], (), r"target 0: expected shape \(4, 2\)"),
        ([np.zeros((4, 3))], [], (), "a target each, got 1 and 0"),
        ([], [], (), "got 0 and 0"),
        ([np.zeros((4, 3))], [np.zeros((4, 2))], ("a", "b"), "a person for each of 1"),
    ],
)
def test_material_that_does_not_fit_is_refused(inputs, targets, people, message):
    with pytest.raises(FormbenchError, match=message):
        fit(small(), inputs, targets, seed=0, epochs=1, people=people)


def test_a_spec_needs_no_torch():
    import subprocess

    code = "import sys, scoring.learning.network_spec; print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
