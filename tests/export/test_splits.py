from dataclasses import replace

import pytest

from export.dataset import Dataset, read_dataset
from export.draw import LOT
from export.leaks import check_leaks
from export.rows import ClipRow
from export.splits import Split, read_split, split_by_subject, write_split
from motions.errors import FormbenchError


def listed(*clips: tuple[str, str, str, tuple[str, ...]]) -> Dataset:
    """A dataset that exists as a table only: subject, exercise, group and faults of each clip."""
    rows = tuple(
        ClipRow(
            clip_id=f"clip_{i:04d}",
            exercise=exercise,
            subject_id=subject,
            group_id=group,
            n_frames=10,
            fps=10.0,
            n_reps=1,
            cameras=("front",),
            faults=faults,
            licences=(),
            origin="synthetic",
            session=group,
            motion=group,
            background="plain",
            body_shape="tall",
            body_id=subject,
        )
        for i, (subject, exercise, group, faults) in enumerate(clips)
    )
    return Dataset(None, "0", {}, (), "0" * 64, rows)


def validating(split) -> set[str]:
    return {subject for subject, side in split.subjects.items() if side == "validation"}


def test_every_subject_is_on_one_side_and_the_share_is_met(dataset_folder):
    dataset = read_dataset(dataset_folder)
    split = split_by_subject(dataset, 0.25, seed=0)
    train, validation = split.rows(dataset, "train"), split.rows(dataset, "validation")

    assert sorted(split.subjects) == ["ada", "ben", "cleo", "dan"]
    assert (len(train), len(validation)) == (12, 4)
    assert {row.clip_id for row in train + validation} == set(dataset.clip_ids)
    assert {row.subject_id for row in train} & {row.subject_id for row in validation} == set()
    check_leaks(dataset, split)


def test_the_seed_alone_decides_and_zero_is_a_seed(dataset_folder):
    dataset = read_dataset(dataset_folder)
    chosen = [validating(split_by_subject(dataset, 0.25, seed)) for seed in range(20)]

    assert split_by_subject(dataset, 0.25, 0) == split_by_subject(dataset, 0.25, 0)
    # Only dan's range is incomplete, and a quarter of him cannot validate.
    assert set.union(*chosen) == {"ada", "ben", "cleo"}


@pytest.mark.parametrize("seed", range(5))
def test_each_exercise_and_fault_is_validated_where_subjects_allow(seed):
    # Ten squatters and ten deadlifters; of each half rounds the back.
    clips = [
        (f"s{i:02d}", ("squat", "deadlift")[i % 2], f"g{i}", ("back",) if i % 4 < 2 else ())
        for i in range(20)
    ]
    dataset = listed(*clips)
    rows = split_by_subject(dataset, 0.2, seed).rows(dataset, "validation")

    assert sorted(row.exercise for row in rows) == ["deadlift"] * 2 + ["squat"] * 2
    assert sum("back" in row.faults for row in rows) == 2


def test_subjects_that_share_a_counterfactual_group_stay_together():
    dataset = listed(
        ("ada", "squat", "g1", ()), ("ben", "squat", "g1", ()), ("ben", "squat", "g2", ()),
        ("cleo", "squat", "g2", ()), ("dan", "squat", "g3", ()),
    )  # fmt: skip
    for seed in range(10):
        assert validating(split_by_subject(dataset, 0.5, seed)) in ({"dan"}, {"ada", "ben", "cleo"})


def test_neither_side_is_ever_empty():
    two = listed(("ada", "squat", "a", ()), ("ben", "squat", "b", ()))

    assert len(validating(split_by_subject(two, 0.01, 3))) == 1
    assert len(validating(split_by_subject(two, 0.99, 3))) == 1


def test_what_cannot_be_split_is_refused():
    one = listed(("ada", "squat", "a", ()), ("ada", "squat", "b", ()))
    with pytest.raises(
        FormbenchError, match="two people who share no counterfactual group, got ada"
    ):
        split_by_subject(one, 0.5, 0)
    with pytest.raises(FormbenchError, match="expected a share above 0 and below 1, got 1"):
        split_by_subject(one, 1, 0)
    with pytest.raises(FormbenchError, match="expected a seed of 0 or more, got -1"):
        split_by_subject(one, 0.5, -1)


def test_a_leak_is_found_whoever_made_the_split(make_dataset, make_clip):
    dataset = read_dataset(
        make_dataset(
            [
                make_clip(clip_id="a", subject_id="eva", group_id="one"),
                make_clip(clip_id="b", subject_id="ben", group_id="one"),
                make_clip(clip_id="c", subject_id="cab"),
                make_clip(clip_id="d", subject_id="bac"),
            ]
        )
    )
    good = Split(
        dataset.content_sha256,
        {"train": 0.5, "validation": 0.5},
        0,
        {"eva": "train", "ben": "train", "cab": "validation", "bac": "validation"},
    )
    check_leaks(dataset, good)
    for train, message in (
        ("eva cab", "a in train and clip b in validation are of one counterfactual group"),
        ("eva ben cab", "c in train and clip d in validation are of one body"),
        ("eva ben cab bac", "expected clips in validation, got none"),
    ):
        sides = {row.subject_id: "validation" for row in dataset.rows}
        sides |= dict.fromkeys(train.split(), "train")
        with pytest.raises(FormbenchError, match=message):
            check_leaks(dataset, replace(good, subjects=sides))
    with pytest.raises(FormbenchError, match="subject 'bac' is on no side"):
        check_leaks(dataset, replace(good, subjects={"eva": "train"}))


def test_a_split_survives_the_way_through_its_file(dataset_folder, tmp_path):
    split = split_by_subject(read_dataset(dataset_folder), 0.3, 7)
    path = tmp_path / "splits.json"
    write_split(split, path)

    assert read_split(path) == split
    path.write_text(path.read_text().replace('"train"', '"training"'))
    with pytest.raises(FormbenchError, match="expected sides train and validation, got 'training'"):
        read_split(path)
    path.write_text('{"schema": "formbench.splits/2", "seed": 0}')
    with pytest.raises(FormbenchError, match="expected the key 'dataset_sha256', got none"):
        read_split(path)
    with pytest.raises(FormbenchError, match="expected a split, got no such file"):
        read_split(tmp_path / "none.json")


def test_many_people_are_parted_in_lots_that_each_meet_the_shares():
    n = 3 * LOT
    dataset = listed(*((f"s{i:05d}", ("squat", "deadlift")[i % 2], f"g{i}", ()) for i in range(n)))
    split = split_by_subject(dataset, 0.2, seed=3)
    rows = split.rows(dataset, "validation")

    counts = [sum(row.exercise == name for row in rows) for name in ("squat", "deadlift")]
    assert counts == [3 * LOT // 10] * 2
    check_leaks(dataset, split)
