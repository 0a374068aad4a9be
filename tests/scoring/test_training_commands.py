import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import workbench
from export.dataset import read_dataset
from scoring.estimators import mediapipe
from scoring.estimators.arrays import write_poses
from scoring.estimators.noise_fit import fit_noise, observed
from scoring.estimators.simulated import read_noise
from scoring.poses import from_clip
from simulator.rendering.video import VideoWriter

WORKER = """
import struct, sys

pictures, answers = sys.stdin.buffer, sys.stdout.buffer
while header := pictures.read(8):
    width, height = struct.unpack("<ii", header)
    bright = max(pictures.read(3 * width * height)) > 40
    answers.write(bytes([bright]))
    if bright:
        answers.write(struct.pack("<4f", 0.5, 0.5, 0.0, 0.75) * 66)
    answers.flush()
"""
"""Finds everything in the middle of a bright picture, and nobody in a dark one."""


@pytest.fixture
def run(capsys):
    """Run a command and return what it printed as JSON, or the exit code and its last line."""

    def run(*words):
        code = None
        try:
            workbench.main([*map(str, words), "--json"])
        except SystemExit as stop:
            code = stop.code
        told = capsys.readouterr()
        return (code, told.err.strip().splitlines()[-1]) if code else json.loads(told.out)

    return run


@pytest.fixture
def poses(make_clip, tmp_path):
    path = tmp_path / "poses.npz"
    write_poses(from_clip(make_clip(n_reps=3), "front", "mediapipe33"), path)
    return path


@pytest.mark.parametrize("kind", ["conv", "gru"])
def test_boundaries_are_learnt_and_used(run, dataset_folder, tmp_path, poses, kind):
    model = tmp_path / "model"

    (row,) = run("train", "boundaries", "--data", dataset_folder, "-o", model, "--kind", kind,
                 "--epochs", 1)  # fmt: skip

    assert 0 <= row["boundary_f1_0.2_s"] <= 1
    about = json.loads((model / "model.json").read_text())
    assert about["data_sha256"] == read_dataset(dataset_folder).content_sha256
    assert about["config"]["network"]["kind"] == kind
    found = run("repetitions", poses, "--model", model)
    scored = run("score", poses, "--boundaries", model)
    if found:
        assert [row["start_s"] for row in scored] == [row["start_s"] for row in found]
    else:  # after one epoch that is well possible, and nothing is not scored
        assert scored == (1, "workbench: score: expected repetitions in the recording, found none")


def test_a_lifter_is_learnt_and_is_no_model_of_boundaries(run, dataset_folder, tmp_path, poses):
    model = tmp_path / "model"

    (row,) = run("train", "lifter", "--data", dataset_folder, "-o", model, "--epochs", 1)

    assert row["mpjpe_truth_mm"] > 0
    code, told = run("repetitions", poses, "--model", model)
    assert code == 1 and "expected a model for boundaries, got one for lifter" in told


def test_a_lifter_learns_from_a_folder_of_poses_too(run, dataset_folder, tmp_path, poses):
    wishes = ("--data", dataset_folder, "--epochs", 1)
    run("train", "lifter", *wishes, "-o", tmp_path / "without")
    run("train", "lifter", *wishes, "-o", tmp_path / "with", "--unlabelled", poses.parent,
        "--size", "640x480")  # fmt: skip
    empty = tmp_path / "empty"
    empty.mkdir()

    weights = [
        (tmp_path / name / "weights.safetensors").read_bytes() for name in ("without", "with")
    ]
    assert weights[0] != weights[1]
    assert run("train", "lifter", *wishes, "-o", tmp_path / "m", "--unlabelled", empty) == (
        1, f"workbench: {empty}: expected .npz files of `workbench poses`, found none"
    )  # fmt: skip
    code, told = run("train", "lifter", *wishes, "-o", tmp_path / "m", "--unlabelled", empty,
                     "--size", "wide")  # fmt: skip
    assert code == 1 and "expected a width and height such as 1280x720, got wide" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--lift", "model", "--world"], "expected --world or --lift, got both"),
        (["--stature", 1.8], "--stature is for --lift"),
    ],
    ids=["world", "stature"],
)
def test_options_of_lifting_that_do_not_go_together_are_refused(run, tmp_path, words, message):
    code, told = run("poses", "film.mp4", "-o", tmp_path / "poses.npz", *words)

    assert code == 1 and message in told


def test_noise_that_is_not_there_is_told(run, dataset_folder, tmp_path):
    code, told = run("train", "lifter", "--data", dataset_folder, "-o", tmp_path / "model",
                     "--noise", tmp_path / "noise.json")  # fmt: skip

    assert code == 1 and "expected what `workbench train noise` wrote" in told


@pytest.fixture
def estimator(monkeypatch, tmp_path):
    """Stand in for MediaPipe, which has an environment of its own."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    monkeypatch.setattr(mediapipe, "WORKER", script)
    monkeypatch.setattr(mediapipe, "environment_python", lambda name: Path(sys.executable))


@pytest.fixture
def filmed(make_clip, make_dataset):
    """A dataset whose clip has a bright video from the front and a dark one from the side."""
    clip = make_clip(n_reps=4)
    views = [replace(view, video=f"{view.camera.name}.mp4") for view in clip.views]
    folder = make_dataset([replace(clip, views=tuple(views))])
    for view, light in zip(views, (200, 0), strict=True):
        path = folder / "clips" / clip.clip_id / view.video
        with VideoWriter(path, 640, 480, clip.fps) as video:
            for _ in range(clip.n_frames):
                video.write(np.full((480, 640, 3), light, dtype=np.uint8))
    return folder


@pytest.mark.usefixtures("estimator")
def test_every_video_of_a_dataset_is_shown_to_the_estimator(filmed, make_clip):
    told = []
    front, side = observed(read_dataset(filmed), lambda done, total: told.append((done, total)))

    np.testing.assert_allclose(front.seen.keypoints, np.tile([320, 240], (40, 17, 1)))
    assert (front.seen.confidence == 0.75).all() and front.camera.name == "front"
    np.testing.assert_array_equal(
        front.true.keypoints, make_clip(n_reps=4).keypoints_world_m["coco17"]
    )
    assert side.seen.missing.all() and side.camera.name == "side"
    assert told == [(1, 1)]


@pytest.mark.usefixtures("estimator")
def test_noise_is_learnt_from_videos(run, filmed, tmp_path):
    (row,) = run("train", "noise", "--data", filmed, "-o", tmp_path / "noise.json")

    noise = read_noise(tmp_path / "noise.json")
    assert row["of"] == noise.source == "mediapipe==0.10.21 full"
    assert noise.data_sha256 == read_dataset(filmed).content_sha256
    assert noise.nobody[0] == 0 and noise.nobody[2] == pytest.approx(0.5)
    # All points fell on the middle of the picture, ankles well above where they are.
    wanted = fit_noise(list(observed(read_dataset(filmed))), noise.data_sha256)
    np.testing.assert_array_equal(noise.bias, wanted.bias)
    assert noise.bias[0, 15, 1] > 0.9
