"""Recordings on the command line: from a file that others wrote to a motion on a body."""

import json

import numpy as np
import pytest

import workbench
from motions.formats.bvh import write_bvh
from motions.library import EXERCISES
from motions.motion_file import load_motion
from motions.perform import perform
from motions.variation import sample_style


@pytest.fixture
def squat_bvh(tmp_path):
    squat = EXERCISES["squat"]
    style = sample_style(squat.out_s, squat.back_s, 2, np.random.default_rng(0))
    path = tmp_path / "ann.bvh"
    write_bvh(perform(squat, style, 60.0), path)
    return path


ABOUT = ["--exercise", "squat", "--licence", "CC0-1.0", "--origin", "ann"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        workbench.main([str(a) for a in arguments])
    return stopped.value.code, capsys.readouterr()


def test_a_recording_becomes_a_motion_with_its_repetitions(squat_bvh, tmp_path, capsys):
    code, said = run(
        capsys, "motions", "import", squat_bvh, *ABOUT, "-o", tmp_path / "out", "--json"
    )
    row = json.loads(said.out)[0]
    motion = load_motion(tmp_path / "out" / "ann.npz")

    assert code == 0
    assert (row["format"], row["repetitions"], row["fps"]) == ("bvh", 2, pytest.approx(60))
    assert (motion.exercise, motion.licence, motion.source) == ("squat", "CC0-1.0", "ann")
    assert len(motion.reps) == 2


def test_what_was_filled_in_is_said(tmp_path, capsys):
    squat = EXERCISES["squat"]
    joints_m = perform(squat, squat.style(1, np.random.default_rng(0)), 30.0).joints_world_m
    joints_m[10:13, 20] = np.nan
    np.savez(tmp_path / "ann.npz", keypoints=joints_m, fps=30.0, convention="smpl22")

    code, said = run(
        capsys, "motions", "import", tmp_path / "ann.npz", *ABOUT, "-o", tmp_path / "out", "--json"
    )

    assert code == 0
    expected = f"left_wrist filled in {3 / len(joints_m):.1%} of frames"
    assert expected in json.loads(said.out)[0]["doubts"]


def test_an_import_is_all_or_nothing_and_overwrites_nothing(squat_bvh, tmp_path, capsys):
    broken = tmp_path / "broken.bvh"
    broken.write_text(squat_bvh.read_text(encoding="utf-8")[:500], encoding="utf-8")
    out = tmp_path / "out"
    code, said = run(capsys, "motions", "import", squat_bvh, broken, *ABOUT, "-o", out)
    assert code == 1
    assert "broken.bvh" in said.err.splitlines()[-1]
    assert not out.exists()

    assert run(capsys, "motions", "import", squat_bvh, *ABOUT, "-o", out)[0] == 0
    before = (out / "ann.npz").read_bytes()
    code, said = run(capsys, "motions", "import", squat_bvh, *ABOUT, "-o", out)
    assert code == 1
    assert "expected a new name" in said.err
    assert (out / "ann.npz").read_bytes() == before


def test_a_motion_on_a_body_is_measured(capsys):
    code, said = run(capsys, "motions", "retarget", "pybullet:walk", "--body", "stick", "--json")
    figures = {row["figure"]: row["value"] for row in json.loads(said.out)}

    assert code == 0
    assert figures["limb_angle_error_mean_deg"] < 3
    assert figures["contacts_kept"] > 0.98


def test_an_unknown_motion_or_body_is_one_line(capsys):
    assert run(capsys, "motions", "retarget", "pybullet:wlak")[0] == 1
    code, said = run(capsys, "motions", "retarget", "pybullet:walk", "--body", "any")

    assert code == 1
    assert said.err == (
        "workbench: body: no 'any'. Did you mean 'anny'? Known: anny, smpl, smplh, smplx, stick.\n"
    )
