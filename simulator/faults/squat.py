"""The squat's faults. Ranges and evidence: faults reference, sections 2 and 3.1."""

from simulator.faults.edits import ARMS, FEET, LEGS, TRUNK
from simulator.faults.incomplete_range import incomplete_range
from simulator.faults.jump import jump, jump_off_the_floor
from simulator.faults.leg_edits import cave_knees, lean_forward, lean_shins, lift_heels
from simulator.faults.limb_edits import bring
from simulator.faults.readings import (
    heel_rise_m,
    knee_in,
    named,
    peak,
    reading,
    reading_deg,
    shin_pitch_rad,
)
from simulator.faults.rounded_back import rounded_back
from simulator.faults.spec import FaultSpec

SQUAT_FAULTS = (
    rounded_back(
        "squat",
        sentence="The lower back rounds and the pelvis tucks under at the bottom.",
        cue="Keep your chest up and stop where your back stays flat.",
        correct=15.0,
        mild=20.0,
        severe=45.0,
        pelvis_share=0.6,
    ),
    incomplete_range(
        "squat",
        sentence="The squat is too shallow: the hips stay above the knees.",
        cue="Sit lower, until your hips are below your knees.",
    ),
    jump(
        "squat",
        sentence="The feet leave the floor at the end of the way up.",
        cue="Stand up under control and keep your feet on the floor.",
        edit=jump_off_the_floor,
    ),
    # From UI-PRMD, where knees move in by 17 % of the leg at the median.
    FaultSpec(
        id="squat.knees_in",
        title="Knees in",
        sentence="The knees fall inwards, inside the line from hip to foot.",
        cue="Push your knees out over your toes.",
        unit="",
        neutral=0.0,
        correct=0.05,
        mild=0.08,
        severe=0.18,
        joints=(*LEGS, *FEET),
        edit=bring(cave_knees, knee_in, scale=1.0),
        measure=reading(knee_in, peak),
        sides=("left", "right"),
        excludes=("knees in",),
        evidence="M",
    ),
    FaultSpec(
        id="squat.forward_lean",
        title="Leaning forward",
        sentence="The chest drops and the hips shoot back, as in a good morning.",
        cue="Keep your chest up and sit between your heels.",
        unit="deg",
        neutral=40.0,
        correct=48.0,
        mild=50.0,
        severe=70.0,
        joints=(*TRUNK, "neck", *ARMS, *LEGS, *FEET),
        edit=bring(lean_forward, named("trunk_lean")),
        measure=reading_deg(named("trunk_lean"), peak),
        excludes=("lean",),
        evidence="M",
    ),
    # A shin at 45 degrees has the knee some 12 cm past the ball of the foot. Knees past the toes
    # are no danger in themselves (Fry 2003): the label is one of style.
    FaultSpec(
        id="squat.knees_forward",
        title="Knees far forward",
        sentence="The knees travel far past the toes and the weight goes forward.",
        cue="Start with your hips back and keep your weight on the middle of the foot.",
        unit="deg",
        neutral=30.0,
        correct=40.0,
        mild=45.0,
        severe=52.0,
        joints=(*TRUNK, "neck", *ARMS, *LEGS, *FEET),
        edit=bring(lean_shins, shin_pitch_rad),
        measure=reading_deg(shin_pitch_rad, peak),
        excludes=("lean",),
        evidence="M",
    ),
    FaultSpec(
        id="squat.heels_up",
        title="Heels off the floor",
        sentence="The heels come off the floor at the bottom.",
        cue="Keep your whole foot down and push through your heels.",
        unit="m",
        neutral=0.0,
        correct=0.012,
        mild=0.025,
        severe=0.06,
        joints=(*LEGS, *FEET),
        edit=bring(lift_heels, heel_rise_m, scale=1.0),
        measure=reading(heel_rise_m, peak),
        sides=("left", "right"),
        excludes=("heels",),
        evidence="M",
    ),
)
