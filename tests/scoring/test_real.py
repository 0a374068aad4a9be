"""Synthetic against real, on a tiny real dataset that is made up."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import workbench
from export.dataset import read_dataset
from motions.errors import FormbenchError
from scoring.estimators.arrays import write_poses
from scoring.evaluation.real import (
    COLUMNS,
    Transfer,
    evaluate_real,
    read_labelled,
    synthetic_of,
    to_markdown,
    worth_of,
)
from scoring.poses import cut, from_clip


@pytest.fixture
def labels(make_clip: Any, tmp_path: Path) -> Path:
    """Three people from the side, each with two good squats and two with a rounded back."""
    folder = tmp_path / "real"
    folder.mkdir()
    rows = []
    for person in ("xi", "yo", "zu"):
        for good in (1, 0):
            clip = make_clip(faults={} if good else {"rounded_back": 40.0}, distance_m=4.0)
            for rep, span in enumerate(clip.reps):
                file = f"{person}_{good}_{rep}.npz"
                write_poses(cut(from_clip(clip, "side", "coco17"), span), folder / file)
                rows.append((file, person, good, "squat", "side"))
    with (folder / "labels.csv").open("w", newline="") as table:
        csv.writer(table).writerows([COLUMNS, *rows])
    return folder / "labels.csv"


def test_repetitions_are_read_with_their_labels(labels: Path) -> None:
    real = read_labelled(labels)
    assert len(real) == 12 and sum(one.good for one in real) == 6
    assert (real[0].sequence.exercise, real[0].sequence.view) == ("squat", "side")


def test_synthetic_ones_of_the_same_kind_are_taken(labels: Path, dataset_folder: Path) -> None:
    found = synthetic_of(read_dataset(dataset_folder), read_labelled(labels))
    # 4 people with 2 clean and 2 faulty squats; deadlifts and the front are another kind.
    assert len(found) == 16 and sum(one.good for one in found) == 8
    assert {(f.sequence.exercise, f.sequence.view) for f in found} == {("squat", "side")}
    other = [replace(r, sequence=replace(r.sequence, view="top")) for r in read_labelled(labels)]
    with pytest.raises(FormbenchError, match="expected repetitions of squat/top/coco17, got none"):
        synthetic_of(read_dataset(dataset_folder), other)


def test_what_is_learnt_from_one_judges_the_other(
    labels: Path, dataset_folder: Path, tmp_path: Path
) -> None:
    real = read_labelled(labels)
    synthetic = synthetic_of(read_dataset(dataset_folder), real)
    rows = evaluate_real(real, synthetic, ["dtw", "always-correct"], tmp_path / "out")
    found = {(row.scorer, row.learnt_from, row.judges): row for row in rows}

    dtw = found["dtw", "synthetic", "real"]
    assert (dtw.auroc, dtw.low, dtw.high) == (1, 1, 1)
    assert (dtw.n_learnt, dtw.n_faulty, dtw.n_good, dtw.n_people) == (8, 6, 6, 3)
    assert found["dtw", "other real people", "real"].n_learnt == 4
    assert found["dtw", "1 real", "real"].n_learnt == 2
    assert found["dtw", "real", "synthetic"].n_people == 4
    assert {row.auroc for row in rows if row.scorer == "always-correct"} == {0.5}
    written = json.loads((tmp_path / "out" / "real.json").read_text())
    assert written["worth_people"] == {"dtw": 2, "always-correct": 0}
    assert (
        "- dtw: the synthetic people are worth 2 real" in (tmp_path / "out" / "real.md").read_text()
    )


def row(learnt_from: str, auroc: float) -> Transfer:
    return Transfer("s", learnt_from, "real", auroc, None, None, 1, 1, 1, 1)


@pytest.mark.parametrize(
    ("synthetic", "worth"), [(0.5, 0), (0.6, 1), (0.65, 1), (0.75, 2), (0.9, 3)]
)  # fmt: skip
def test_a_dataset_is_worth_the_most_people_whom_it_equals(synthetic: float, worth: int) -> None:
    rows = [
        row("synthetic", synthetic), row("other real people", 0.8), row("1 real", 0.6),
        row("2 real", 0.7),
    ]  # fmt: skip
    assert worth_of(rows) == worth
    assert f"are worth {worth} real" in to_markdown(rows)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (",1,squat", ",yes,squat", r"line 2: expected good 0 or 1, got yes"),
        ("subject_id", "who", "got no subject_id"),
        ("xi_1_0", "none", "cannot be read"),
    ],
)
def test_labels_that_are_wrong_are_told(labels: Path, old: str, new: str, message: str) -> None:
    labels.write_text(labels.read_text().replace(old, new))
    with pytest.raises(FormbenchError, match=message):
        read_labelled(labels)


def test_one_person_is_too_few(labels: Path, tmp_path: Path) -> None:
    real = [one for one in read_labelled(labels) if one.subject_id == "xi"]
    with pytest.raises(FormbenchError, match="expected two real people or more, got 1"):
        evaluate_real(real, real, ["dtw"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_prints_a_card(
    labels: Path, dataset_folder: Path, tmp_path: Path, capfd: Any
) -> None:
    wanted = [
        str(labels),
        "--data",
        str(dataset_folder),
        "--scorer",
        "range",
        "-o",
        str(tmp_path / "o"),
    ]
    with pytest.raises(SystemExit) as ended:
        workbench.main(["evaluate-real", *wanted])
    assert not ended.value.code
    assert capfd.readouterr().out.startswith("# Synthetic to real\n")
