"""Datasets made for real, by worker processes, with the stick body and without pixels."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.clip import read_clip
from simulator.config import config_text, parse_config
from simulator.generate import ClipsSetAside, generate
from simulator.make import make_clip
from simulator.plan import plan
from simulator.rendering.stick import StickRenderer

THREE = ("rounded_back", "incomplete_range", "jump")
GIVEN = {
    "seed": 0, "exercises": ["squat"], "subjects": 2, "reps": 1, "body": "stick", "render": False,
    "faults": [{"fault": name, "severity": 1} for name in THREE],
    "cameras": {"width_px": 160, "height_px": 120},
}  # fmt: skip


def config(**changes):
    return parse_config({**GIVEN, **changes}, "c.yaml")


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "data"
    told = []
    assert generate(config(), folder, 1, lambda done, total: told.append((done, total))) == 8
    assert told == [(n, 8) for n in range(9)]
    return folder


def test_one_worker_or_two_give_the_same_bytes(made, tmp_path):
    generate(config(), tmp_path / "two", 2)

    assert hashes(tmp_path / "two") == hashes(made)
    assert len(hashes(made)) == 1 + 8 * 2


def test_a_clip_made_alone_is_the_clip_of_the_dataset(made, tmp_path):
    make_clip(plan(config(), 5), None, tmp_path)

    assert hashes(tmp_path) == hashes(made / "clips" / "clip_000005")


def test_a_finished_folder_is_left_as_it_is(made):
    before = hashes(made)

    assert generate(config(), made, 1) == 0
    assert hashes(made) == before


def test_what_is_missing_is_made_again_the_same(made, tmp_path):
    import shutil

    folder = tmp_path / "again"
    shutil.copytree(made, folder)
    shutil.rmtree(folder / "clips" / "clip_000003")
    (folder / "clips" / ".clip_000004.0a1b2c3d").mkdir()  # what a killed run leaves

    assert generate(config(), folder, 1) == 1
    assert hashes(folder) == hashes(made)


def test_a_killed_run_goes_on_to_the_same_bytes(made, tmp_path):
    folder, file = tmp_path / "killed", tmp_path / "config.yaml"
    file.write_text(config_text(config()), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from simulator.config import read_config; "
        "from simulator.generate import generate\n"
        "if __name__ == '__main__': generate(read_config(Path(sys.argv[1])), Path(sys.argv[2]), 1)"
    )
    script = tmp_path / "run.py"
    script.write_text(program, encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, str(script), str(file), str(folder)], start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not (folder / "clips" / "clip_000001").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    there = {path.name for path in (folder / "clips").glob("clip_*")}

    assert {"clip_000000", "clip_000001"} <= there
    assert len(there) < 8
    assert generate(config(), folder, 2) == 8 - len(there)
    assert hashes(folder) == hashes(made)


def test_workers_do_not_outlive_a_killed_run(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        "import os, time\n"
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from multiprocessing import get_context\n"
        "from simulator.engines.local import go_with_parent\n"
        "if __name__ == '__main__':\n"
        "    pool = ProcessPoolExecutor(1, get_context('spawn'), initializer=go_with_parent)\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(60)\n",
        encoding="utf-8",
    )
    run = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    worker = int(run.stdout.readline())
    run.kill()
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)

    # It may wait to be collected by whoever adopts orphans, but it runs no more.
    stat = Path(f"/proc/{worker}/stat")
    assert not stat.exists() or stat.read_text(encoding="utf-8").split()[2] == "Z"


def test_a_worker_that_dies_each_time_costs_its_own_clip_alone(made, tmp_path, monkeypatch):
    import simulator.generate as module

    folder = tmp_path / "data"
    monkeypatch.setattr(module, "_make", _die_at_three)
    with pytest.raises(ClipsSetAside, match=r"1 clips were set aside; .*failed says why") as stop:
        generate(config(), folder, 2)
    (log,) = (folder / "failed").iterdir()

    assert (stop.value.clips, stop.value.made) == (1, 7)
    assert log.read_text(encoding="utf-8") == (
        "clip_000003 to clip_000003\nthe worker died: killed, or out of memory?\n"
    )
    monkeypatch.undo()
    assert generate(config(), folder, 2) == 1
    assert hashes(folder) == hashes(made)


def _die_at_three(given):
    from simulator.generate import _make

    if 3 in given[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return _make(given)


def test_what_a_body_cannot_show_is_set_aside_with_its_reason(made, tmp_path, monkeypatch):
    import simulator.generate as module

    folder = tmp_path / "data"
    monkeypatch.setattr(module, "_make", _stiff)
    with pytest.raises(ClipsSetAside, match=r"2 clips were set aside") as stop:
        generate(config(), folder, 1)
    logs = sorted(path.read_text(encoding="utf-8") for path in (folder / "failed").iterdir())

    assert stop.value.made == 6
    assert logs == [
        f"{name} to {name}\n{name} of subject_000{subject}: too stiff\n"
        for name, subject in (("clip_000003", 0), ("clip_000007", 1))
    ]
    monkeypatch.undo()
    assert generate(config(), folder, 1) == 2
    assert hashes(folder) == hashes(made)


def _stiff(given):
    import simulator.make as make
    from simulator.generate import _make

    def deliver(motion, body, injections):
        if any(injection.spec.name == "jump" for injection in injections):
            raise FormbenchError("too stiff")
        return delivered(motion, body, injections)

    delivered, make.deliver = make.deliver, deliver
    try:
        return _make(given)
    finally:
        make.deliver = delivered


def test_a_full_disk_stops_and_leaves_no_half_clip(tmp_path, monkeypatch):
    import simulator.generate as module

    monkeypatch.setattr(module, "_make", _full)
    with pytest.raises(FormbenchError, match="the disk is full; make room and run the same"):
        generate(config(), tmp_path / "data", 1)

    assert list((tmp_path / "data" / "clips").iterdir()) == []


def _full(given):
    import errno

    import simulator.make as make
    from simulator.generate import _make

    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    make.write_clip = write
    return _make(given)


def test_more_subjects_only_add_and_the_rest_stays(tmp_path):
    folder = tmp_path / "data"
    generate(config(subjects=1), folder, 1)
    before = hashes(folder)
    assert generate(config(), folder, 1) == 4
    after = hashes(folder)
    generate(config(), tmp_path / "whole", 1)

    assert {name: after[name] for name in before if name != "config.yaml"} == {
        name: digest for name, digest in before.items() if name != "config.yaml"
    }
    assert after == hashes(tmp_path / "whole")
    with pytest.raises(FormbenchError, match="has 2 subjects already, the config 1"):
        generate(config(subjects=1), folder, 1)


def test_a_folder_with_anything_else_is_refused(made, tmp_path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FormbenchError, match="expected an empty or new folder"):
        generate(config(), tmp_path, 1)
    with pytest.raises(FormbenchError, match="holds another dataset"):
        generate(config(seed=1), made, 1)

    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_two_runs_do_not_share_a_folder(made):
    import fcntl

    with (made / "config.yaml").open(encoding="utf-8") as claim:
        fcntl.flock(claim, fcntl.LOCK_EX)
        with pytest.raises(FormbenchError, match="another run is at work in it"):
            generate(config(), made, 1)


def test_no_workers_make_no_dataset(tmp_path):
    with pytest.raises(FormbenchError, match="workers: expected at least 1, got 0"):
        generate(config(), tmp_path / "data", 0)


def test_pixels_change_nothing_else(made, tmp_path):
    planned = plan(config(render=True), 1)
    filmed = make_clip(planned, StickRenderer(), tmp_path)
    plain = read_clip(made / "clips" / "clip_000001")

    assert (filmed.joints_world_m == plain.joints_world_m).all()
    assert filmed.faults == plain.faults
    for with_pixels, without in zip(filmed.views, plain.views, strict=True):
        for name, points in without.keypoints_px.items():
            assert np.array_equal(with_pixels.keypoints_px[name], points, equal_nan=True)
            assert (with_pixels.visibility[name] == without.visibility[name]).all()
        assert (with_pixels.box_px == without.box_px).all()
        assert with_pixels.video == f"{without.camera.name}.mp4"
        assert len(with_pixels.masks) == plain.n_frames
        assert without.masks == ()


def test_labels_are_decided_by_what_was_measured(made):
    for index, fault in enumerate((None, *THREE)):
        clip = read_clip(made / "clips" / f"clip_{index:06d}")
        present = {span.fault_id for span in clip.faults if span.present}
        asked = {span.fault_id for span in clip.faults if span.requested is not None}
        assert asked == ({f"squat.{fault}"} if fault else set())
        # A jump points its toes and hurries, so that it shows other faults too.
        assert (present == asked) if fault != "jump" else (asked < present)
        assert all(span.span == clip.reps[span.rep] for span in clip.faults)


def test_points_in_the_image_are_the_points_in_the_world(made):
    clip = read_clip(made / "clips" / "clip_000003")
    for view in clip.views:
        for name, points in view.keypoints_px.items():
            world = clip.joints_world_m if name == "smpl22" else clip.keypoints_world_m[name]
            assert view.camera.project(world)[0] == pytest.approx(points, abs=0.01, nan_ok=True)


@pytest.mark.gl
def test_videos_too_are_the_same_bytes_with_one_worker_or_two(tmp_path):
    filmed = config(render=True, subjects=1, faults=[{"fault": "jump", "severity": 1}])
    for workers in (1, 2):
        generate(filmed, tmp_path / str(workers), workers)
    one, two = hashes(tmp_path / "1"), hashes(tmp_path / "2")

    assert one == two
    assert sum(name.endswith(".mp4") for name in one) == 4


@pytest.mark.gl
def test_a_graphics_device_that_is_not_there_is_one_line_and_the_default_stays(tmp_path):
    before = dict(os.environ)
    drawn = config(subjects=1, clean=True, faults=[], render=True)
    with pytest.raises(FormbenchError, match=r"no OpenGL 3.3 on EGL: requested device index 99"):
        generate(drawn, tmp_path / "out", 1, device=99)

    assert dict(os.environ) == before
