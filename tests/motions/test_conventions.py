import numpy as np
import pytest

from motions.conventions import CONVENTIONS, MADE_OF, OWN, made_points
from motions.skeleton import SMPL22

# As the projects themselves number them.
RECORDED = {
    "coco18": {0: "nose", 1: "neck", 2: "right_shoulder", 7: "left_wrist", 8: "right_hip",
               13: "left_ankle", 14: "right_eye", 17: "left_ear"},
    "body25": {1: "neck", 8: "mid_hip", 9: "right_hip", 14: "left_ankle", 15: "right_eye",
               19: "left_big_toe", 20: "left_small_toe", 21: "left_heel", 24: "right_heel"},
    "coco23": {0: "nose", 16: "right_ankle", 17: "left_big_toe", 18: "left_small_toe",
               19: "left_heel", 22: "right_heel"},
    "h36m17": {0: "pelvis", 1: "right_hip", 6: "left_ankle", 8: "thorax", 10: "head",
               11: "left_shoulder", 16: "right_wrist"},
    "spine5": {0: "c7", 4: "sacrum"},
}  # fmt: skip
COUNTS = {"coco18": 18, "body25": 25, "coco23": 23, "h36m17": 17, "spine5": 5}


@pytest.mark.parametrize("name", RECORDED)
def test_points_have_the_numbers_that_their_projects_give_them(name):
    names = CONVENTIONS[name].keypoint_names

    assert len(names) == len(set(names)) == COUNTS[name]
    assert {number: names[number] for number in RECORDED[name]} == RECORDED[name]


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_mirror_of_the_mirror_is_the_point_and_bones_come_in_pairs(name):
    convention = CONVENTIONS[name]
    mirror = np.array(convention.mirror)
    bones = {frozenset(bone) for bone in convention.bone_indices}

    assert np.array_equal(mirror[mirror], np.arange(len(mirror)))
    assert {frozenset(mirror[list(bone)].tolist()) for bone in bones} == bones
    if name != "mediapipe33":  # whose mouth hangs in the air
        assert len(_reached(bones)) == len(mirror)


def _reached(bones):
    reached = set(next(iter(sorted(map(sorted, bones)))))
    while any(len(bone & reached) == 1 for bone in bones):
        reached |= set().union(*(bone for bone in bones if bone & reached))
    return reached


def test_every_convention_is_the_joints_a_bodys_own_or_made_of_those():
    own = {"smpl22", *(c.name for c in OWN)}

    assert own | set(MADE_OF) == set(CONVENTIONS)
    for name, points in MADE_OF.items():
        assert len(points) == len(CONVENTIONS[name].keypoint_names)
        assert {source for source, _ in points} <= own


def test_necks_and_hips_in_the_middle_lie_half_way():
    coco = np.zeros((1, 23, 2))
    names = CONVENTIONS["coco23"].keypoint_names
    for name, at in {"left_shoulder": (4, 2), "right_shoulder": (0, 0), "left_hip": (3, 9),
                     "right_hip": (1, 7), "left_heel": (5, 6)}.items():  # fmt: skip
        coco[0, names.index(name)] = at
    body = dict(
        zip(
            CONVENTIONS["body25"].keypoint_names,
            made_points("body25", {"coco23": coco})[0],
            strict=True,
        )
    )

    assert body["neck"].tolist() == [2, 1]
    assert body["mid_hip"].tolist() == [2, 8]
    assert body["left_heel"].tolist() == [5, 6]


def test_the_centres_of_human36m_are_our_joints():
    joints = np.arange(22.0)[:, None] * [1, 10, 100]
    coco = np.zeros((23, 3))
    coco[3], coco[4] = (1, 2, 3), (3, 4, 5)  # the ears
    made = dict(
        zip(
            CONVENTIONS["h36m17"].keypoint_names,
            made_points("h36m17", {"smpl22": joints, "coco23": coco}),
            strict=True,
        )
    )

    for name in ("pelvis", "left_hip", "right_knee", "left_wrist"):
        assert np.array_equal(made[name], joints[SMPL22.index(name)])
    assert np.array_equal(made["thorax"], joints[SMPL22.index("neck")])
    assert made["head"].tolist() == [2, 3, 4]
