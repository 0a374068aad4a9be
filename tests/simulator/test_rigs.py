import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.cameras.rigs import STANDS, make_rig

TARGET_M = np.array([0.0, 0.0, 1.1])


def rig(
    names=("front", "side"), n_sampled=0, seed=0, size=(640, 480), target_m=TARGET_M, reach_m=2.4
):
    return make_rig(names, n_sampled, *size, target_m, reach_m, np.random.default_rng(seed))


def azimuth_deg(camera):
    x, y, _ = camera.position_m - TARGET_M
    return np.degrees(np.arctan2(x, -y))


@pytest.mark.parametrize(
    ("name", "azimuth"),
    [("front", 0), ("side", 90), ("oblique", 45), ("back", 180), ("right_side", -90)],
)
def test_named_cameras_stand_where_their_name_says(name, azimuth):
    other = "phone"
    for seed in range(10):
        camera = rig((name, other), seed=seed)[0]

        off = (azimuth_deg(camera) - azimuth + 180) % 360 - 180
        assert camera.name == name
        assert abs(off) < 4.1
        assert 1.1 < camera.position_m[2] < 1.5


def test_the_phone_is_near_the_floor_and_the_ceiling_camera_above_every_head():
    phone, ceiling = rig(("phone", "ceiling"))

    assert 0.1 < phone.position_m[2] < 0.2
    assert 2.5 < ceiling.position_m[2] < 3.0


def test_the_persons_left_is_right_in_the_front_image_and_up_is_up():
    front = rig()[0]
    (left_px, right_px, top_px), _ = front.project(
        np.array([[0.5, 0, 1.1], [-0.5, 0, 1.1], [0, 0, 2.0]])
    )

    assert left_px[0] > right_px[0]
    assert top_px[1] < left_px[1]


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (1080, 1920), (320, 240)])
@pytest.mark.parametrize("reach_m", [1.9, 2.9])
def test_a_person_of_the_given_reach_is_inside_every_image_and_fills_it(size, reach_m):
    target_m = np.array([0.3, -0.2, reach_m / 2])
    for seed in range(5):
        for camera in (
            *rig(tuple(STANDS), 1, seed, size, target_m, reach_m),
            *rig((), 8, seed, size, target_m, reach_m),
        ):
            ends_px, _ = camera.project(
                target_m + np.array([[0, 0, -reach_m / 2], [0, 0, reach_m / 2]])
            )
            sides_px, _ = camera.project(
                target_m + np.array([[0.4, 0, 0], [0, 0.4, 0], [-0.4, 0, 0]])
            )
            points_px = np.concatenate([ends_px, sides_px])

            assert (points_px > 0).all()
            assert (points_px < np.array(size)).all()
            if size[0] > size[1] and 0.5 < camera.position_m[2] < 2.2:
                assert ends_px[0, 1] - ends_px[1, 1] > 0.6 * size[1]


def test_sampled_cameras_surround_the_person_under_names_of_their_own():
    cameras = rig(("front",), 6)
    around = np.sort([azimuth_deg(camera) % 360 for camera in cameras[1:]])

    assert [camera.name for camera in cameras] == ["front", *(f"sampled_{i}" for i in range(6))]
    assert np.diff(around, append=around[0] + 360).max() < 100


def test_the_same_seed_gives_the_same_cameras_and_another_seed_others():
    again = [
        np.array_equal(a.T_world_cam, b.T_world_cam) for a, b in zip(rig(), rig(), strict=True)
    ]
    other = [
        np.array_equal(a.T_world_cam, b.T_world_cam)
        for a, b in zip(rig(), rig(seed=1), strict=True)
    ]

    assert again == [True, True]
    assert other == [False, False]


def test_a_mistyped_name_is_answered_with_the_nearest():
    with pytest.raises(FormbenchError, match=r"camera: no 'frnt'. Did you mean 'front'\? Known: "):
        rig(("frnt", "side"))


@pytest.mark.parametrize(
    ("names", "n_sampled", "message"),
    [
        (("front",), 0, "expected 2 to 8, got 1 named, 0 in a ring and 0 sampled"),
        (("front",), 8, "expected 2 to 8, got 1 named, 0 in a ring and 8 sampled"),
        (("front", "side"), -1, "expected 2 to 8, got 2 named, 0 in a ring and -1 sampled"),
        (("side", "side"), 0, "expected each name once, got 'side' again"),
    ],
)
def test_a_rig_of_the_wrong_size_is_refused(names, n_sampled, message):
    with pytest.raises(FormbenchError, match=message):
        rig(names, n_sampled)


def test_a_person_of_centimetres_is_refused():
    with pytest.raises(FormbenchError, match="240 m about"):
        rig(reach_m=240.0)


def test_a_wide_motion_is_inside_every_image():
    half_m = np.array([0.5, 1.1, 1.1])
    corners_m = TARGET_M + half_m * (np.mgrid[0:2, 0:2, 0:2].reshape(3, -1).T * 2 - 1)
    names = tuple(STANDS)
    narrow = rig(names, reach_m=2.2)
    wide = make_rig(names, 0, 640, 480, TARGET_M, 2.2, np.random.default_rng(0), half_m[:2])

    def sees(camera):
        points_px, depth_m = camera.project(corners_m)
        return (depth_m > 0).all() and ((points_px > 0) & (points_px < [640, 480])).all()

    assert [sees(camera) for camera in wide] == [True] * len(names)
    assert not all(sees(camera) for camera in narrow)


def test_a_ring_stands_evenly_around_at_one_height_beginning_in_front():
    cameras = make_rig(["ceiling"], 1, 640, 480, TARGET_M, 2.4, np.random.default_rng(0), n_ring=5)
    ring = cameras[1:6]
    off = [(azimuth_deg(camera) - 72 * i + 180) % 360 - 180 for i, camera in enumerate(ring)]

    assert [camera.name for camera in cameras] == [
        "ceiling", *(f"ring_{i}" for i in range(5)), "sampled_0",
    ]  # fmt: skip
    assert np.abs(off).max() < 4.1
    assert all(1.2 < camera.position_m[2] < 1.4 for camera in ring)
