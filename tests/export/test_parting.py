"""Exports by workers: lots that are joined are what one process writes."""

import pytest

from export import parting
from export.dataset import read_dataset
from export.formats.table import FORMATS, export_dataset
from export.splits import split_by_subject
from simulator.engines.engine import SetAside


@pytest.fixture
def dataset(make_dataset, make_clip):
    """Five clips of three people."""
    people = ("ada", "ada", "ben", "ben", "cleo")
    return read_dataset(
        make_dataset(
            [make_clip(clip_id=f"clip_{i}", subject_id=who) for i, who in enumerate(people)]
        )
    )


def all_bytes(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", FORMATS)
def test_lots_that_are_joined_are_the_bytes_of_one_process(
    name, dataset, tmp_path, backward_engine, monkeypatch
):
    monkeypatch.setattr(parting, "LOT", 2)
    split, told = split_by_subject(dataset, 0.4, 0), []
    export_dataset(dataset, name, tmp_path / "one", split=split)
    workers = backward_engine()
    export_dataset(
        dataset, name, tmp_path / "many", split=split, engine=workers,
        on_clip=lambda done, total: told.append((done, total)),
    )  # fmt: skip

    assert all_bytes(tmp_path / "many") == all_bytes(tmp_path / "one")
    assert len(workers.done) == (3 if FORMATS[name].parted else 1)
    assert (told[0], told[-1]) == ((0, 5), (5, 5))


def test_lots_that_fail_are_set_aside_and_only_they_are_tried_again(
    dataset, tmp_path, backward_engine, monkeypatch
):
    monkeypatch.setattr(parting, "LOT", 2)
    failing, again = backward_engine(fails=(1,)), backward_engine()
    with pytest.raises(SetAside, match=r"2 clips were set aside; .*failed says why") as stop:
        export_dataset(dataset, "bvh", tmp_path / "out", engine=failing)
    (log,) = (tmp_path / ".out.part" / "failed").iterdir()
    said = log.read_text()
    made = {p.name: p.stat().st_mtime_ns for p in (tmp_path / ".out.part").rglob("*.bvh")}
    export_dataset(dataset, "bvh", tmp_path / "out", engine=again)
    export_dataset(dataset, "bvh", tmp_path / "one")
    kept = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.bvh")}

    assert str(log.parent) in str(stop.value)
    assert said == "bvh from clip_2\nValueError: a bug\n"
    assert len(made) == 3
    assert made.items() <= kept.items()
    assert all_bytes(tmp_path / "out") == all_bytes(tmp_path / "one")
