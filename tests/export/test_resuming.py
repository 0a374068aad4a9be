"""Exports that are stopped in the middle go on, and end with the bytes of one that was not."""

import errno
import subprocess
import sys
import tracemalloc

import pytest

from export import journal as journal_module
from export.dataset import Dataset, read_dataset
from export.formats import sleap
from export.formats.table import FORMATS, export_dataset
from export.journal import Journal, resumable_folder
from export.splits import split_by_subject
from motions.errors import FormbenchError

every_format = pytest.mark.parametrize("name", FORMATS)
ONE_FILE_A_SIDE = (
    "coco", "cvat", "labelstudio", "mediapipe-parquet", "parquet", "sleap", "webdataset",
)  # fmt: skip
ONE_FILE = ("mmaction", "videopose3d")


@pytest.fixture
def dataset(make_dataset, make_clip):
    """Two people with two clips each, so that a side has two."""
    return read_dataset(
        make_dataset(
            [
                make_clip(clip_id=f"{who}{i}", subject_id=who, n_reps=1)
                for who in ("ada", "ben")
                for i in (0, 1)
            ]
        )
    )


def exported(dataset, name, out, **how):
    """Return all bytes of an export."""
    split = split_by_subject(dataset, 0.5, 0)
    export_dataset(dataset, name, out, split=split, **how)
    return {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()}


def stopping(after, error):
    """Return an `on_clip` that stops the export when so many clips are done."""

    def on_clip(done, total):
        if done == after:
            raise error

    return on_clip


@pytest.fixture
def n_read(monkeypatch):
    """The clips that were read, by id, in order."""
    read, original = [], Dataset.clip

    def counted(self, clip_id):
        read.append(clip_id)
        return original(self, clip_id)

    monkeypatch.setattr(Dataset, "clip", counted)
    return read


@every_format
@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")], ids=str
)
def test_a_stopped_export_goes_on_where_it_was(name, error, dataset, tmp_path, n_read):
    whole = exported(dataset, name, tmp_path / "whole")
    n_clips_read = len(n_read)
    with pytest.raises(type(error)):
        exported(dataset, name, tmp_path / "out", on_clip=stopping(3, error))

    assert not (tmp_path / "out").exists()
    del n_read[:]
    told = []
    assert exported(dataset, name, tmp_path / "out", on_clip=lambda *d: told.append(d)) == whole
    assert told == [(i, 4) for i in range(5)]
    if n_clips_read:
        # Three of four were done: what a format has in one file is made anew, and nothing else.
        again = 2 if name in ONE_FILE_A_SIDE else 4 if name in ONE_FILE else 1
        assert len(n_read) == again
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_the_pictures_of_finished_views_are_not_taken_again(
    make_dataset, make_clip, tmp_path, monkeypatch
):
    folder = make_dataset([make_clip(clip_id=who, subject_id=who) for who in ("ada", "ben")])
    dataset = read_dataset(folder)
    taken = []
    monkeypatch.setattr("export.formats.cvat.write_pictures", lambda *a: _take(*a, taken))
    with pytest.raises(KeyboardInterrupt):
        exported(
            dataset, "cvat", tmp_path / "out", images=True, on_clip=stopping(2, KeyboardInterrupt())
        )
    exported(dataset, "cvat", tmp_path / "out", images=True)
    views = [(who, camera) for who in dataset.clip_ids for camera in ("front", "side")]
    assert sorted(taken) == views


def _take(request, row, view, names, taken):
    with request.part(f"pictures of {row.clip_id}/{view.camera.name}") as is_left:
        if is_left:
            taken.append((row.clip_id, view.camera.name))


@pytest.mark.parametrize("name", ["coco", "openpose"])
def test_a_killed_export_goes_on(name, dataset, tmp_path):
    whole = exported(dataset, name, tmp_path / "whole")
    program = f"""if True:
        import os, pathlib
        from export.dataset import read_dataset
        from export.formats.table import export_dataset
        from export.splits import split_by_subject
        dataset = read_dataset(pathlib.Path({str(dataset.folder)!r}))
        def kill(done, total):
            if done == 3:
                os.kill(os.getpid(), 9)
        export_dataset(dataset, {name!r}, pathlib.Path({str(tmp_path / "out")!r}),
                       split=split_by_subject(dataset, 0.5, 0), on_clip=kill)
    """
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert not (tmp_path / "out").exists()
    assert exported(dataset, name, tmp_path / "out") == whole


@every_format
def test_another_request_to_the_same_place_begins_anew(name, dataset, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        exported(dataset, name, tmp_path / "out", on_clip=stopping(3, KeyboardInterrupt()))
    other = {} if FORMATS[name].whole_clips else {"every": 2}
    split = split_by_subject(dataset, 0.5, 1)

    export_dataset(dataset, name, tmp_path / "out", split=split, **other)
    export_dataset(dataset, name, tmp_path / "whole", split=split, **other)
    for path in (tmp_path / "whole").rglob("*"):
        there = tmp_path / "out" / path.relative_to(tmp_path / "whole")
        assert path.is_dir() or there.read_bytes() == path.read_bytes()
    assert len(list((tmp_path / "out").rglob("*"))) == len(list((tmp_path / "whole").rglob("*")))


@pytest.mark.parametrize(
    "name", ["coco", "cvat", "labelstudio", "mmaction", "sleap", "videopose3d"]
)
def test_a_format_of_one_file_does_not_hold_it_in_memory(
    name, make_dataset, make_clip, tmp_path, monkeypatch
):
    monkeypatch.setattr(sleap, "FRAMES_A_FILE", 20)

    def peak_bytes(n_clips):
        clips = [
            make_clip(clip_id=f"c{i:02d}", subject_id=f"p{i}", n_reps=1) for i in range(n_clips)
        ]
        dataset = read_dataset(make_dataset(clips, f"data{n_clips}"))
        tracemalloc.start()
        export_dataset(dataset, name, tmp_path / f"out{n_clips}")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1)  # what is imported and cached the first time
    small, large = peak_bytes(4), peak_bytes(24)
    one_clip = len((tmp_path / "data4" / "clips" / "c00" / "truth.npz").read_bytes())
    assert large - small < 2 * one_clip  # twenty clips more, and their rows


def test_a_journal_forgets_a_part_that_was_noted_by_half(tmp_path):
    path = tmp_path / "journal"
    first = Journal(path, "work")
    first.note("one")
    first.note("two")
    path.write_text(path.read_text().removesuffix("o\n"))  # the disk was full

    again = Journal(path, "work")
    assert ("one" in again, "two" in again, "tw" in again) == (True, False, False)
    again.note("three")
    assert path.read_text().splitlines() == ["work", "one", "three"]
    assert not Journal(path, "other work")


def test_what_the_user_has_to_mend_leaves_nothing(tmp_path):
    with (
        pytest.raises(FormbenchError),
        resumable_folder(tmp_path / "out", "work") as (folder, done),
    ):
        (folder / "a").write_text("a")
        done.note("a")
        raise FormbenchError("a mistake")
    assert list(tmp_path.iterdir()) == []
    assert journal_module.NAME.startswith(".")
