import json
from dataclasses import replace

import numpy as np
import pytest

from motions.errors import FormbenchError
from scoring.learning.model_file import Model, read_model, write_model
from scoring.methods.feature_faults import read_scorer

MODEL = Model(
    kind="boundaries",
    convention_name="coco17",
    config={"fps": 10.0, "layers": [1, 2]},
    weights={"b": np.arange(6, dtype=np.float32).reshape(2, 3).T, "a": np.array([1.5, -2.0])},
    data_sha256="ab" * 32,
    metrics={"f1": 0.97},
)


@pytest.fixture
def folder(tmp_path):
    write_model(MODEL, tmp_path / "model")
    return tmp_path / "model"


def test_a_model_comes_back_equal_in_every_value(folder):
    found = read_model(folder, "boundaries", "coco17")

    assert (found.kind, found.convention_name, found.config) == (
        "boundaries", "coco17", MODEL.config,
    )  # fmt: skip
    assert (found.data_sha256, found.metrics) == (MODEL.data_sha256, MODEL.metrics)
    assert sorted(found.weights) == ["a", "b"]
    for name, array in MODEL.weights.items():
        assert found.weights[name].dtype == array.dtype
        np.testing.assert_array_equal(found.weights[name], array)


def test_the_same_model_is_the_same_bytes(folder, tmp_path):
    write_model(MODEL, tmp_path / "again")

    for path in sorted(folder.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_folder_that_holds_something_is_not_written_over(folder):
    with pytest.raises(FormbenchError, match="new or empty folder"):
        write_model(MODEL, folder)


@pytest.mark.parametrize(
    ("kind", "convention", "message"),
    [
        ("lifter", "coco17", "expected a model for lifter, got one for boundaries"),
        ("boundaries", "body25", "learnt from coco17 keypoints, got body25"),
    ],
)
def test_a_model_for_something_else_is_refused(folder, kind, convention, message):
    with pytest.raises(FormbenchError, match=message):
        read_model(folder, kind, convention)


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(FormbenchError, match=r"no model\.json"):
        read_model(tmp_path, "boundaries")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("schema", "formbench.model/9", "expected schema formbench.model/1"),
        ("convention", "coco99", "no 'coco99'"),
    ],
)
def test_another_version_is_refused(folder, key, value, message):
    path = folder / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))

    with pytest.raises(FormbenchError, match=message):
        read_model(folder, "boundaries")


def test_changed_weights_are_noticed(folder):
    path = folder / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))

    with pytest.raises(FormbenchError, match="train it again"):
        read_model(folder, "boundaries")


def test_missing_weights_are_noticed(folder):
    (folder / "weights.safetensors").unlink()

    with pytest.raises(FormbenchError, match="train it again"):
        read_model(folder, "boundaries")


def test_weights_that_are_no_safetensors_are_noticed(folder):
    from export.files import sha256_of

    weights, about = folder / "weights.safetensors", folder / "model.json"
    weights.write_bytes(b"not numbers")
    held = json.loads(about.read_text()) | {"weights_sha256": sha256_of(weights)}
    about.write_text(json.dumps(held))

    with pytest.raises(FormbenchError, match="not safetensors"):
        read_model(folder, "boundaries")


def test_a_model_of_faults_of_another_version_is_refused_and_told_what_it_lacks(tmp_path):
    old = replace(MODEL, kind="faults", config={"exercise": "squat", "dimensions": 2})
    write_model(old, tmp_path / "old")

    with pytest.raises(FormbenchError, match="without kind, fault_ids, shown, line, usual; train"):
        read_scorer(str(tmp_path / "old"))
