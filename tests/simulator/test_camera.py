import cv2
import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.camera import Camera, look_at

LENS = (-0.11, 0.03, 0.002, -0.0015, -0.004)


def camera(**changes):
    about = {
        "name": "front",
        "width_px": 640,
        "height_px": 480,
        "focal_px": 500.0,
        "T_world_cam": np.eye(4),
    }
    return Camera(**{**about, **changes})


@pytest.mark.parametrize(
    ("point_m", "point_px", "depth_m"),
    [
        ([0, 0, 2], [320, 240], 2),
        ([1, 0, 2], [570, 240], 2),  # right in the camera is right in the image
        ([0, 1, 4], [320, 365], 4),  # down is down
        ([-1.28, -0.96, 2], [0, 0], 2),  # the top-left corner of the top-left pixel
        ([1.28, 0.96, 2], [640, 480], 2),
    ],
)
def test_points_land_where_paper_and_pencil_put_them(point_m, point_px, depth_m):
    found_px, found_m = camera().project(np.array(point_m, dtype=float))

    assert found_px == pytest.approx(point_px, abs=1e-12)
    assert found_m == depth_m


def test_points_beside_and_behind_the_camera_have_no_image():
    found_px, depth_m = camera().project(np.array([[1.0, 0, 0], [0, 0, -1]]))

    assert np.isnan(found_px).all()
    assert depth_m.tolist() == [0, -1]


def test_what_the_lens_folds_over_has_no_image():
    """With k1 = -0.04 the image radius r (1 - 0.04 r^2) is largest at r^2 = 1 / 0.12."""
    cam = camera(distortion=(-0.04, 0, 0, 0, 0))
    points_px, _ = cam.project(np.array([[2.88, 0, 1], [2.89, 0, 1], [4.9, 0, 1]]))

    assert cam.widest_tangent == pytest.approx(np.sqrt(1 / 0.12), rel=1e-12)
    assert points_px[0, 0] == pytest.approx(320 + 500 * (2.88 - 0.04 * 2.88**3), abs=1e-9)
    assert np.isnan(points_px[1:]).all()
    assert camera(distortion=(0.1, 0.01, 0, 0, 0)).widest_tangent == np.inf
    assert camera().widest_tangent == np.inf


def test_projection_agrees_with_opencv_but_for_half_a_pixel():
    T_world_cam = look_at(np.array([1.0, -3.0, 1.7]), np.array([0.1, 0, 0.9]), roll_rad=0.05)
    cam = camera(T_world_cam=T_world_cam, principal_px=(311.0, 252.5), distortion=LENS)
    points_m = np.random.default_rng(0).uniform([-1, -1, 0], [1, 1, 2], (200, 3))
    T_cam_world = np.linalg.inv(T_world_cam)
    K = cam.K - [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]]
    rotation_vector = cv2.Rodrigues(T_cam_world[:3, :3])[0]
    theirs_px, _ = cv2.projectPoints(
        points_m, rotation_vector, T_cam_world[:3, 3], K, np.array(LENS)
    )

    found_px, _ = cam.project(points_m)

    np.testing.assert_allclose(found_px, theirs_px[:, 0] + 0.5, atol=1e-9)


def test_a_camera_looks_at_its_target_with_the_floor_level():
    target_m = np.array([0.2, 0.1, 1.0])
    cam = camera(T_world_cam=look_at(np.array([2.0, -3.0, 1.5]), target_m))

    middle_px, depth_m = cam.project(target_m)
    above_px, _ = cam.project(target_m + np.array([0, 0, 0.1]))

    assert middle_px == pytest.approx([320, 240], abs=1e-9)
    assert depth_m == pytest.approx(np.linalg.norm(target_m - [2, -3, 1.5]), abs=1e-12)
    assert above_px[0] == pytest.approx(320, abs=1e-9)
    assert above_px[1] < 240


def test_roll_turns_the_camera_clockwise_and_so_the_image_the_other_way():
    level = camera(T_world_cam=look_at(np.array([0, -3.0, 1]), np.array([0, 0, 1.0])))
    rolled = camera(T_world_cam=look_at(np.array([0, -3.0, 1]), np.array([0, 0, 1.0]), np.pi / 2))
    up_m = np.array([0, 0, 1.3])

    assert level.project(up_m)[0] == pytest.approx([320, 190], abs=1e-9)
    assert rolled.project(up_m)[0] == pytest.approx([270, 240], abs=1e-9)


def test_a_camera_straight_above_its_target_is_refused():
    with pytest.raises(FormbenchError, match="straight above or below its target"):
        look_at(np.array([0, 0, 3.0]), np.zeros(3))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width_px": 641}, "camera front: expected even width and height .* 641 x 480"),
        ({"height_px": 0}, "got 640 x 0"),
        ({"focal_px": -1.0}, "expected a positive focal_px, got -1.0"),
        ({"focal_px": float("nan")}, "expected a positive focal_px, got nan"),
        ({"T_world_cam": np.eye(3)}, r"T_world_cam: expected shape \(4, 4\), got \(3, 3\)"),
        ({"T_world_cam": np.diag([1, 1, -1, 1])}, "expected a rotation and a shift"),
    ],
)
def test_an_impossible_camera_is_refused(changes, message):
    with pytest.raises(FormbenchError, match=message):
        camera(**changes)


def test_a_camera_cannot_be_changed_through_its_arrays():
    with pytest.raises(ValueError, match="read-only"):
        camera().T_world_cam[0, 3] = 1.0


def test_a_camera_in_a_hand_sees_each_frame_from_where_it_is_turned_to():
    turns_rad = np.random.default_rng(1).normal(0, 0.05, (3, 3))
    in_hand = camera(T_world_cam=look_at(np.array([2.0, -3, 1]), np.zeros(3)), turns_rad=turns_rad)
    points_m = np.random.default_rng(2).normal(0, 0.3, (3, 4, 3))
    found_px, depth_m = in_hand.project(points_m)

    for index, turn in enumerate(turns_rad):
        R_cam_world = cv2.Rodrigues(-turn)[0] @ in_hand.T_world_cam[:3, :3].T
        K = in_hand.K - np.array([[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]])
        expected_px, _ = cv2.projectPoints(
            points_m[index],
            cv2.Rodrigues(R_cam_world)[0],
            -R_cam_world @ in_hand.position_m,
            K,
            None,
        )
        np.testing.assert_allclose(found_px[index], expected_px[:, 0] + 0.5, atol=1e-8)
        np.testing.assert_array_equal(
            found_px[index], in_hand.at(index).project(points_m[index])[0]
        )
    assert depth_m.shape == (3, 4)


def test_a_camera_in_a_hand_says_how_many_frames_it_expects():
    in_hand = camera(turns_rad=np.zeros((3, 3)))

    with pytest.raises(FormbenchError, match="expects points of 3 frames, got 2"):
        in_hand.project(np.ones((2, 5, 3)))
