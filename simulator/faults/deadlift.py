"""The deadlift's faults. Ranges and evidence: faults reference, sections 2 and 3.2."""

from simulator.faults.edits import ARMS, FEET, HANDS, LEGS, TRUNK, WHOLE_BODY
from simulator.faults.incomplete_range import incomplete_range, stop_short_at
from simulator.faults.jump import jump, jump_off_the_floor
from simulator.faults.lag import measure_lag
from simulator.faults.leg_edits import sit_down
from simulator.faults.limb_edits import bring
from simulator.faults.neck import bent_neck
from simulator.faults.readings import (
    at_end,
    at_far_end,
    bar_drift_m,
    bend_rad,
    lockout_rad,
    lumbar_extension_rad,
    named,
    peak,
    reading,
    reading_deg,
)
from simulator.faults.rounded_back import rounded_back
from simulator.faults.spec import FaultSpec
from simulator.faults.trunk_edits import lean_back, reach_ahead, rise_hips_first, round_upper_back
from simulator.faults.window import AT_END, WAY_BACK

DEADLIFT_FAULTS = (
    rounded_back(
        "deadlift",
        sentence="The back rounds while the bar is low.",
        cue="Brace, chest up, and push the floor away with a flat back.",
        correct=20.0,
        mild=25.0,
        severe=50.0,
        pelvis_share=0.6,
        eyes_ahead=False,
    ),
    incomplete_range(
        "deadlift",
        sentence="The bar turns back well above the floor.",
        cue="Lower the bar all the way to the floor each time.",
    ),
    jump(
        "deadlift",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Finish tall with your feet flat on the floor.",
        edit=jump_off_the_floor,
    ),
    # Loads raise flexion of the lower thoracic spine (PMC12583097).
    FaultSpec(
        id="deadlift.rounded_upper_back",
        title="Rounded upper back",
        sentence="The shoulders slump and the upper back rounds under the bar.",
        cue="Pull your shoulder blades back and down and show your chest.",
        unit="deg",
        neutral=0.0,
        correct=10.0,
        mild=15.0,
        severe=35.0,
        joints=(*TRUNK, "neck", *ARMS, *LEGS),
        edit=bring(round_upper_back, named("thoracic_angle")),
        measure=reading_deg(named("thoracic_angle"), peak),
        excludes=("spine",),
        evidence="L",
    ),
    FaultSpec(
        id="deadlift.hips_rise_first",
        title="Hips rise first",
        sentence="The hips shoot up while the bar has hardly moved.",
        cue="Push the floor away and let hips and shoulders rise together.",
        unit="",
        neutral=0.0,
        correct=0.07,
        mild=0.1,
        severe=0.35,
        joints=WHOLE_BODY,
        edit=rise_hips_first,
        measure=measure_lag(bend_rad("foot"), named("trunk_lean")),
        window=WAY_BACK,
        excludes=("lag",),
        evidence="D",
    ),
    # Schellenberg 2013: lifters start with knees bent by 103 to 108 +- 22 degrees.
    FaultSpec(
        id="deadlift.squatty",
        title="Squatting the bar up",
        sentence="The hips start as low as in a squat and the knees push the bar away.",
        cue="Start with your hips higher and your shins nearly upright.",
        unit="deg",
        neutral=85.0,
        correct=125.0,
        mild=130.0,
        severe=145.0,
        joints=WHOLE_BODY,
        edit=bring(sit_down, bend_rad("foot")),
        measure=reading_deg(bend_rad("foot"), at_far_end),
        excludes=("hip_height",),
        evidence="L",
    ),
    # In the rules of the IPF knees are locked and shoulders are back at the end.
    FaultSpec(
        id="deadlift.incomplete_lockout",
        title="Incomplete lockout",
        sentence="The pull ends with knees and hips still bent.",
        cue="Stand all the way up and squeeze your glutes.",
        unit="deg",
        neutral=4.0,
        correct=8.0,
        mild=10.0,
        severe=30.0,
        joints=WHOLE_BODY,
        edit=stop_short_at(lockout_rad),
        measure=reading_deg(lockout_rad, at_end),
        window=AT_END,
        excludes=("lockout",),
        evidence="R",
    ),
    FaultSpec(
        id="deadlift.hyperextended_lockout",
        title="Hyperextended lockout",
        sentence="The lifter leans back at the top and the lower back gives way.",
        cue="Finish tall, ribs down, and stop when you stand straight.",
        unit="deg",
        neutral=0.0,
        correct=10.0,
        mild=15.0,
        severe=35.0,
        joints=(*TRUNK, "neck", *ARMS, *HANDS, *LEGS, *FEET),
        edit=bring(lean_back, lumbar_extension_rad),
        measure=reading_deg(lumbar_extension_rad, at_end),
        window=AT_END,
        excludes=("lockout",),
        evidence="D",
    ),
    FaultSpec(
        id="deadlift.bar_drift",
        title="Bar drifts away",
        sentence="The bar swings away from the legs.",
        cue="Keep your armpits shut and drag the bar along your legs.",
        unit="m",
        neutral=0.0,
        correct=0.03,
        mild=0.05,
        severe=0.15,
        joints=(*ARMS, "left_wrist", "right_wrist"),
        edit=bring(reach_ahead, bar_drift_m, scale=1.0),
        measure=reading(bar_drift_m, peak),
        excludes=("bar path",),
    ),
    # In public Kinect recordings of deadlifts the neck is 29 degrees from the trunk when right and
    # 40 when wrong.
    bent_neck(
        "deadlift",
        name="head_craned",
        way="back",
        title="Head craned back",
        sentence="The head is thrown back to look ahead at the bottom.",
        cue="Keep your neck in line and look at the floor ahead.",
        marks=(12.0, 24.0, 29.0, 45.0),
        evidence="M",
    ),
)
