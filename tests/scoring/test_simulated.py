from dataclasses import replace

import numpy as np
import pytest

from motions.conventions import COCO_17
from motions.errors import FormbenchError
from scoring.estimators.noise_fit import Observed, fit_noise
from scoring.estimators.simulated import (
    N_ASPECTS,
    N_POINTS,
    N_SIDES,
    Aspect,
    Noise,
    read_noise,
    write_noise,
)
from scoring.learning.examples import takes_of, virtual_camera
from simulator.cameras.camera import Camera, look_at

SILENT = Noise(
    source="mute",
    data_sha256="00",
    bias=np.zeros((N_ASPECTS, N_POINTS, 2)),
    offset=np.zeros((N_ASPECTS, N_POINTS, 2)),
    jitter=np.zeros((N_ASPECTS, N_POINTS, 2)),
    confidence=np.tile([0.8, 0.0], (N_ASPECTS, N_POINTS, 1)),
    missing=np.zeros((N_ASPECTS, N_POINTS)),
    swapped=np.zeros((N_ASPECTS, 2)),
    nobody=np.zeros(N_ASPECTS),
    correlation=np.eye(2 * N_POINTS),
    fade_s=np.array(0.5),
    swapped_s=np.array(0.4),
    nobody_s=np.array(0.3),
)
AT = COCO_17.keypoint_names.index


@pytest.fixture
def poses(make_clip):
    class Dataset:
        folder = "made up"

        def clips(self):
            return [make_clip(n_reps=30)]

    return takes_of(Dataset())[0].poses


def camera(azimuth_deg):
    azimuth_rad = np.radians(azimuth_deg)
    position_m = np.array([6 * np.sin(azimuth_rad), -6 * np.cos(azimuth_rad), 0.9])
    return Camera("c", 1920, 1920, 1600.0, look_at(position_m, np.array([0, 0, 0.9])))


def seen(noise, poses, azimuth_deg=0.0, seed=0):
    return noise.see(camera(azimuth_deg), poses, np.random.default_rng(seed))


def test_without_noise_the_truth_is_seen(poses):
    found = seen(SILENT, poses)

    np.testing.assert_allclose(found.keypoints, camera(0).project(poses.keypoints)[0], atol=1e-9)
    assert (found.confidence == 0.8).all()
    assert (found.source, found.unit, found.fps) == ("simulated mute", "px", poses.fps)


def test_the_same_seed_sees_the_same_and_another_does_not(poses):
    noisy = replace(SILENT, jitter=np.full((N_ASPECTS, N_POINTS, 2), 0.1))

    assert (seen(noisy, poses).keypoints == seen(noisy, poses).keypoints).all()
    assert (seen(noisy, poses).keypoints != seen(noisy, poses, seed=1).keypoints).all()


@pytest.mark.parametrize(
    ("azimuth_deg", "side"), [(0, 0), (45, 1), (90, 2), (180, 4), (-90, 6), (20, 0), (25, 1)]
)
def test_the_aspect_is_the_side_that_the_camera_sees(poses, azimuth_deg, side):
    aspect = Aspect.of(camera(azimuth_deg), poses.keypoints[:1])

    assert aspect.number.tolist() == [side]
    np.testing.assert_allclose(aspect.axes[0], [[1, 0], [0, -1]], atol=0.1)
    np.testing.assert_allclose(aspect.axes[0] @ aspect.axes[0].T, np.eye(2), atol=1e-12)


def test_who_lies_has_an_aspect_of_their_own(poses):
    flat = poses.keypoints[:1] @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0.0]]).T  # on their belly

    aspect = Aspect.of(camera(90), flat)

    assert aspect.number[0] >= N_SIDES
    # The head is in -Y, which a camera at +X has at its left.
    np.testing.assert_allclose(aspect.axes[0], [[0, -1], [-1, 0]], atol=0.1)


def test_a_bias_is_so_many_trunk_lengths_in_the_persons_own_frame(poses):
    bias = np.zeros((N_ASPECTS, N_POINTS, 2))
    bias[2, AT("nose")] = (0.1, 0.25)  # seen from the left: right in the image, and up
    found = seen(replace(SILENT, bias=bias), poses, 90)
    true_px = camera(90).project(poses.keypoints)[0]
    hips_m = poses.keypoints[0, [AT("left_hip"), AT("right_hip")]].mean(axis=0)
    shoulders_m = poses.keypoints[0, [AT("left_shoulder"), AT("right_shoulder")]].mean(axis=0)
    depth_m = camera(90).to_camera(hips_m)[2]
    trunk_px = 1600 * np.linalg.norm(shoulders_m - hips_m) / depth_m

    off_px = (found.keypoints - true_px)[0]

    # The trunk leans forward a little, which is to the left from here.
    size_px = np.linalg.norm(off_px[AT("nose")])
    assert size_px == pytest.approx(np.hypot(0.1, 0.25) * trunk_px, rel=1e-6)
    np.testing.assert_allclose(off_px[AT("nose")], [0.1 * trunk_px, -0.25 * trunk_px], rtol=0.1)
    np.testing.assert_allclose(np.delete(off_px, AT("nose"), axis=0), 0, atol=1e-9)


def test_exchanged_arms_are_each_others(poses):
    swapped = np.zeros((N_ASPECTS, 2))
    swapped[:, 0] = 0.5
    found = seen(replace(SILENT, swapped=swapped), poses).keypoints
    true_px = camera(0).project(poses.keypoints)[0]

    on = np.abs(found - true_px)[:, AT("left_wrist")].max(axis=1) > 1
    assert 0.3 < on.mean() < 0.7
    for name in ("shoulder", "elbow", "wrist"):
        left, right = AT(f"left_{name}"), AT(f"right_{name}")
        np.testing.assert_allclose(found[on][:, left], true_px[on][:, right], atol=1e-9)
        np.testing.assert_allclose(found[on][:, right], true_px[on][:, left], atol=1e-9)
    legs = [AT(f"{side}_{name}") for name in ("hip", "knee") for side in ("left", "right")]
    np.testing.assert_allclose(found[:, legs], true_px[:, legs], atol=1e-9)


def loud():
    """Noise that differs from point to point, alike on both sides."""
    rng = np.random.default_rng(5)
    size = rng.uniform(0.01, 0.03, size=N_POINTS)
    size = (size + size[list(COCO_17.mirror)]) / 2
    up = rng.uniform(-0.3, 0.3, size=N_POINTS)
    up = (up + up[list(COCO_17.mirror)]) / 2
    correlation = np.full((2 * N_POINTS, 2 * N_POINTS), 0.3)
    # What is right in a mirror is left: right and up go together on neither side.
    correlation[::2, 1::2] = correlation[1::2, ::2] = 0.0
    np.fill_diagonal(correlation, 1.0)
    table = {
        "bias": np.stack([np.zeros(N_POINTS), up], axis=1),
        "offset": np.stack([size, 2 * size], axis=1),
        "jitter": np.stack([2 * size, size], axis=1),
        "confidence": np.tile([0.7, 0.05], (N_POINTS, 1)),
        "missing": np.full(N_POINTS, 0.04),
        "swapped": np.array([0.1, 0.2]),
        "nobody": np.array(0.05),
    }
    wide = {name: np.tile(v, (N_ASPECTS, *[1] * v.ndim)) for name, v in table.items()}
    return replace(SILENT, **wide, correlation=correlation)


def test_what_is_fitted_to_simulated_poses_is_what_they_were_simulated_with(poses):
    noise = loud()
    observed = [
        Observed(poses, camera(azimuth), seen(noise, poses, azimuth, seed))
        for seed, azimuth in enumerate(np.tile([0, 20, -20], 15))
    ]

    fitted = fit_noise(observed, "00")

    assert fitted.source == "simulated mute"
    np.testing.assert_allclose(fitted.bias[0], noise.bias[0], atol=0.02)
    np.testing.assert_allclose(fitted.offset[0], noise.offset[0], rtol=0.35)
    np.testing.assert_allclose(fitted.jitter[0], noise.jitter[0], rtol=0.1)
    np.testing.assert_allclose(fitted.confidence[0], noise.confidence[0], atol=0.01)
    np.testing.assert_allclose(fitted.missing[0], 0.04, atol=0.01)
    np.testing.assert_allclose(fitted.nobody[0], 0.05, atol=0.01)
    np.testing.assert_allclose(fitted.correlation, noise.correlation, atol=0.1)
    np.testing.assert_allclose(fitted.swapped[0], [0.1, 0.2], atol=0.04)
    assert float(fitted.fade_s) == pytest.approx(0.5, rel=0.15)
    assert float(fitted.nobody_s) == pytest.approx(0.3, rel=0.25)


def test_a_mirror_image_errs_as_its_original(poses):
    rng = np.random.default_rng(0)
    observed = [
        Observed(poses, virtual, loud().see(virtual, poses, rng))
        for virtual in (virtual_camera(poses.keypoints, rng) for _ in range(12))
    ]

    fitted = fit_noise(observed, "00")

    other = list(COCO_17.mirror)
    for side in range(N_SIDES):
        mirror = -side % N_SIDES
        np.testing.assert_allclose(
            fitted.bias[side], fitted.bias[mirror][other] * (-1, 1), atol=1e-9
        )
        np.testing.assert_allclose(fitted.jitter[side], fitted.jitter[mirror][other], atol=1e-9)


def test_an_aspect_that_was_not_seen_takes_the_statistics_of_all(poses):
    observed = [Observed(poses, camera(0), seen(loud(), poses, 0, seed)) for seed in range(3)]

    fitted = fit_noise(observed, "00")

    np.testing.assert_array_equal(fitted.jitter[4], fitted.jitter[12])
    np.testing.assert_allclose(fitted.jitter[4], fitted.jitter[0])


def test_noise_comes_back_from_its_file_equal_in_every_value(tmp_path):
    write_noise(loud(), tmp_path / "noise.json")

    again = read_noise(tmp_path / "noise.json")

    for name, value in vars(loud()).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_noise_of_other_shapes_is_refused():
    with pytest.raises(FormbenchError, match=r"noise: bias: expected shape \(16, 17, 2\)"):
        replace(SILENT, bias=np.zeros((8, 17, 2)))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FormbenchError, match="workbench train noise"):
        read_noise(tmp_path / "noise.json")


def test_nobody_found_is_told(poses):
    nothing = replace(
        seen(SILENT, poses),
        keypoints=np.full((poses.n_frames, N_POINTS, 2), np.nan),
        confidence=np.zeros((poses.n_frames, N_POINTS)),
    )

    with pytest.raises(FormbenchError, match="people were found"):
        fit_noise([Observed(poses, camera(0), nothing)], "00")
