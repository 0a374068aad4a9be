"""The plank's faults. Ranges and evidence: faults reference, section 3.10.

That hips sink over a long hold is not here: in a hold of seconds a sway of the spine is more.
"""

from simulator.faults.limb_edits import bring
from simulator.faults.neck import bent_neck
from simulator.faults.prone import (
    LINE_JOINTS,
    hips_high,
    hips_low,
    round_on_elbows,
    shift_ahead,
    turn_hips,
)
from simulator.faults.readings import (
    at_far_end,
    hip_drop_rad,
    named,
    peak,
    reading,
    reading_deg,
    shoulders_ahead_m,
)
from simulator.faults.spec import FaultSpec
from simulator.faults.window import FAR_END

PLANK_FAULTS = (
    # EC3D labels arched and hunched backs; the scale is that of the push-up's line. Hips that hang
    # by more than 25 degrees lie on the floor.
    hips_low(
        "plank",
        name="low_hips",
        title="Low hips",
        sentence="The hips hang and the lower back arches.",
        cue="Tuck your pelvis and squeeze your glutes.",
        correct=10.0,
        mild=15.0,
        severe=25.0,
        window=FAR_END,
        over=at_far_end,
        evidence="D",
    ),
    hips_high(
        "plank",
        name="high_hips",
        title="High hips",
        sentence="The hips stick up in the air.",
        cue="Lower your hips into line with shoulders and heels.",
        correct=10.0,
        mild=15.0,
        severe=50.0,
        window=FAR_END,
        over=at_far_end,
        evidence="D",
    ),
    FaultSpec(
        id="plank.hunched_back",
        title="Hunched back",
        sentence="The upper back is hunched and the chest falls in.",
        cue="Lengthen your neck and draw your shoulder blades down.",
        unit="deg",
        neutral=0.0,
        correct=10.0,
        mild=15.0,
        severe=40.0,
        joints=LINE_JOINTS,
        edit=bring(round_on_elbows, named("thoracic_angle")),
        measure=reading_deg(named("thoracic_angle"), peak),
        excludes=("spine",),
        evidence="D",
    ),
    FaultSpec(
        id="plank.shoulders_ahead",
        title="Shoulders ahead of the elbows",
        sentence="The shoulders are in front of the elbows.",
        cue="Slide back until your shoulders are over your elbows.",
        unit="m",
        neutral=0.0,
        correct=0.035,
        mild=0.05,
        severe=0.20,
        joints=LINE_JOINTS,
        edit=bring(shift_ahead, shoulders_ahead_m, scale=1.0),
        measure=reading(shoulders_ahead_m, at_far_end),
        window=None,
        whole_set=True,
        excludes=("shoulders",),
    ),
    FaultSpec(
        id="plank.hip_rotation",
        title="Turned hips",
        sentence="The hips turn and one side drops.",
        cue="Keep both hips at one height.",
        unit="deg",
        neutral=0.0,
        correct=3.0,
        mild=5.0,
        severe=20.0,
        joints=LINE_JOINTS,
        edit=bring(turn_hips, hip_drop_rad),
        measure=reading_deg(hip_drop_rad, peak),
        sides=("left", "right"),
        one_sided=True,
        excludes=("twist",),
    ),
    bent_neck(
        "plank",
        name="head_drop",
        way="forward",
        title="Head dropped",
        sentence="The head hangs towards the floor.",
        cue="Keep your neck in line with your back.",
        marks=(0.0, 10.0, 20.0, 45.0),
        evidence="E",
    ),
)
