
import numpy as np

from motions.conventions import COCO_17
from motions.skeleton import SMPL22, STANDING_PELVIS_M


def test_the_hand_made_clip_is_where_its_formulas_say(make_clip):
    clip = make_clip(faults={"incomplete_range": 0.6})
    pelvis, knee, ankle = (SMPL22.index(n) for n in ("pelvis", "left_knee", "left_ankle"))

    np.testing.assert_allclose(
        clip.joints_world_m[5, pelvis], [0, 0, STANDING_PELVIS_M - 0.8 * (1 - np.cos(0.6))]
    )
    np.testing.assert_allclose(clip.joints_world_m[5, knee, 1], -0.4 * np.sin(0.6))
    np.testing.assert_allclose(clip.joints_world_m[:, ankle], [[0.09, 0, 0.08]] * 20, atol=1e-12)
    assert [f.fault_id for f in clip.faults if f.present] == ["squat.incomplete_range"] * 2


def test_close_cameras_lose_head_hands_and_feet(make_clip):
    (front, side) = make_clip(distance_m=1.0).views
    seen = dict(zip(COCO_17.keypoint_names, front.visibility["coco17"][0].tolist(), strict=True))

    assert [seen[n] for n in ("nose", "left_wrist", "left_ankle", "left_hip")] == [0, 0, 0, 2]
    assert side.visibility["coco17"][0, COCO_17.keypoint_names.index("right_hip")] == 1
