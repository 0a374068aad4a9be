"""The display: what it shows of poses worked out by hand, and that it does not flicker."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from motions.conventions import COCO_17, MEDIAPIPE_33
from motions.floor import hysteresis
from scoring.display import (
    FIGHTING,
    FIGHTING_BELOW,
    PERFECT,
    PERFECT_FROM,
    Change,
    display_word,
    match_pose,
)

NAMES = COCO_17.keypoint_names
STANDING = {
    # In profile, facing the picture's right: u right, v down; the arm hangs, the knee is straight.
    "shoulder": (100, 100), "elbow": (102, 160), "wrist": (104, 220), "hip": (100, 220),
    "knee": (102, 300), "ankle": (100, 380), "ear": (105, 70), "eye": (115, 65),
}  # fmt: skip


def pose(**moved: tuple[float, float]) -> np.ndarray:
    """The standing person with some joints of the left side elsewhere; the right stays put."""
    points = np.zeros((17, 2))
    for k, name in enumerate(NAMES):
        side, _, joint = name.partition("_")
        place = (125, 75) if name == "nose" else STANDING[joint]
        points[k] = moved.get(joint, place) if side == "left" else place
    return points


def told(points: np.ndarray, target: np.ndarray) -> tuple[str, ...]:
    match = match_pose(points, target, COCO_17)
    assert match is not None
    return match.suggestions


def test_a_pose_is_its_own_target() -> None:
    match = match_pose(pose(), pose() * 3 + [20, -5], COCO_17)
    assert match is not None
    assert match.similarity == pytest.approx(100)
    assert match.suggestions == ()


def test_the_limb_the_way_and_the_degrees_are_said() -> None:
    # The target's left forearm points straight ahead: from 180 to 90 degrees and a little.
    bent = pose(elbow=(100, 160), wrist=(160, 160))
    straight = pose(elbow=(100, 160), wrist=(100, 220))
    assert told(straight, bent) == ("bend the left elbow by 90°",)
    assert told(bent, straight) == ("straighten the left elbow by 90°",)


def test_an_arm_is_raised_and_the_largest_change_comes_first() -> None:
    out = pose(elbow=(160, 100), wrist=(220, 100))
    hanging = pose(elbow=(100, 160), wrist=(100, 220))
    assert told(hanging, out) == ("raise the left arm by 90°",)
    assert told(out, hanging) == ("lower the left arm by 90°",)
    both = pose(elbow=(160, 100), wrist=(190, 152))
    assert told(hanging, both) == ("raise the left arm by 90°", "bend the left elbow by 60°")


def test_an_arm_that_is_behind_in_place_of_before_has_the_same_angles() -> None:
    before = pose(elbow=(160, 100), wrist=(220, 100))
    behind = pose(elbow=(40, 100), wrist=(-20, 100))
    match = match_pose(behind, before, COCO_17)
    assert match is not None
    assert match.angles == pytest.approx(100)
    assert match.changes == (
        Change("left upper arm", "to the picture's right", pytest.approx(180)),
        Change("left forearm", "to the picture's right", pytest.approx(180)),
    )
    assert match.changes[0].words == "turn the left upper arm to the picture's right by 180°"


def test_who_faces_the_other_way_has_high_angles_and_low_coordinates() -> None:
    sitting = pose(knee=(170, 225), ankle=(170, 300), elbow=(150, 110), wrist=(210, 100))
    right_leg = [NAMES.index(f"right_{joint}") for joint in ("knee", "ankle")]
    sitting[right_leg] = [(165, 215), (175, 290)]
    turned = sitting * [-1, 1]
    match = match_pose(turned, sitting, COCO_17)
    assert match is not None
    assert match.angles == pytest.approx(100)
    assert match.coordinates < FIGHTING_BELOW < match.angles
    assert match.suggestions == ("face the other way",)
    mirrored = turned[list(COCO_17.mirror)]
    assert told(mirrored, sitting) == ("swap left and right",)


def test_in_space_half_a_turn_is_seen_too() -> None:
    rng = np.random.default_rng(3)
    target = rng.normal(size=(33, 3))
    turned = Rotation.from_euler("z", 180, degrees=True).apply(target)
    match = match_pose(turned, target, MEDIAPIPE_33)
    assert match is not None
    assert match.angles == pytest.approx(100)
    assert match.turned == "face the other way"


def test_the_lower_score_counts() -> None:
    bent = pose(knee=(140, 280), ankle=(100, 350))
    match = match_pose(pose(), bent, COCO_17)
    assert match is not None
    assert match.similarity == min(match.angles, match.coordinates) == match.angles


@pytest.mark.parametrize("hidden", [["left_hip"], [n for n in NAMES if "left" in n or "kne" in n]])
def test_with_too_little_to_see_nothing_is_said(hidden: list[str]) -> None:
    points = pose()
    points[[NAMES.index(name) for name in hidden]] = np.nan
    assert match_pose(points, pose(), COCO_17) is None
    assert match_pose(pose(), points, COCO_17) is None


def test_a_hidden_wrist_is_left_out() -> None:
    points = pose()
    points[NAMES.index("left_wrist")] = np.nan
    match = match_pose(points, pose(), COCO_17)
    assert match is not None and match.similarity == pytest.approx(100)


def test_the_word_has_two_thresholds() -> None:
    scores = np.random.default_rng(0).uniform(50, 90, 400)
    words, word = [], FIGHTING
    for score in scores:
        word = display_word(float(score), word)
        words.append(word)
    expected = hysteresis(scores >= PERFECT_FROM, scores < FIGHTING_BELOW)
    assert [w == PERFECT for w in words] == expected.tolist()
    assert display_word(PERFECT_FROM) == PERFECT
    assert display_word(FIGHTING_BELOW, PERFECT) == PERFECT
