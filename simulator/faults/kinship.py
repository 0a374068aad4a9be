"""Why a fault moves the measure of another: one movement with two names, or what anatomy forces.

Benchmark and audit print the reason beside each leak, and count those that have none.
"""

from dataclasses import dataclass

from simulator.faults.spec import FaultSpec

WORTH_A_REASON = 0.25
"""A leak of at least so many doses of the other fault for one of the first needs a reason."""


@dataclass(frozen=True)
class Kinship:
    """Faults, by their names in any exercise, that move the measures of others."""

    causes: tuple[str, ...]
    moved: tuple[str, ...]
    because: str


_SHORT = (
    "incomplete_range", "not_low_enough", "partial_down", "partial_up", "incomplete_top",
    "incomplete_bottom", "incomplete_lockout", "arms_low", "low_shrug", "too_shallow",
    "chin_below_bar", "no_full_hang", "fatigue_drift", "small_arms",
)  # fmt: skip
_UNEVEN = ("asymmetry", "uneven", "uneven_pull")
_FOLD = ("hips_low", "shoulders_closed", "bent_knees", "incomplete_range")
_LUNGE = ("short_step", "long_step", "knee_passes_toe", "not_low_enough", "knee_hits_floor")
_WARRIOR = ("short_stance", "knee_past_ankle", "too_shallow")
_BACK = ("rounded_back", "rounded_upper_back")

KINSHIPS = (
    Kinship(_SHORT, _SHORT, "one way, cut short at either end"),
    Kinship(_UNEVEN, _SHORT, "the side that does less falls short"),
    Kinship(("asymmetry",), ("late_arm",), "an arm that does less is half way sooner"),
    Kinship(
        ("asymmetry", "lateral_shift"),
        ("asymmetry", "lateral_shift"),
        "hips that favour a leg go over to it",
    ),
    Kinship(
        ("asymmetry",), ("trunk_rotation",), "hips that favour a leg turn, and the trunk with them"
    ),
    Kinship(_FOLD, _FOLD, "straight limbs between hands and feet that stay leave one angle free"),
    Kinship(_LUNGE, _LUNGE, "step, shins and thighs are one closed chain"),
    Kinship(_WARRIOR, _WARRIOR, "stance, shin and thigh are one closed chain"),
    Kinship(_BACK, _BACK, "one spine: its upper part is part of the whole"),
    Kinship(("sagging_hips",), ("worming",), "hips that sag on the way up come up late"),
    Kinship(
        ("sagging_hips", "worming"), ("bounce",), "hips near the floor make the arms push sooner"
    ),
    Kinship(("worming",), ("sagging_hips",), "hips that come up late hang below the line"),
    Kinship(("bent_knees",), ("piked_hips",), "thighs that sink bend the line at the hips"),
    Kinship(
        ("squatty",), ("hips_rise_first",), "hips that start low come up before the trunk does"
    ),
    Kinship(("lumbar_hyperextension",), ("torso_sway",), "an arched back carries the neck back"),
    Kinship(("torso_sway",), ("lumbar_hyperextension",), "a trunk that sways back leans back"),
    Kinship(
        ("lateral_sway",), ("uneven", "elbow_flare"), "raised arms and their bar tip with the trunk"
    ),
    Kinship(
        ("incomplete_range",), ("bar_forward",), "half way up the bar is still before the face"
    ),
    Kinship(("incomplete_range",), ("arm_dropped",), "the arms rise as the pose is gone into"),
    Kinship(
        ("incomplete_range", "hip_drop"),
        ("foot_on_knee", "knee_forward"),
        "the raised leg hangs on the hip, and rises and opens as the pose is gone into",
    ),
    Kinship(
        ("jump",),
        ("uncontrolled_eccentric", "bounce"),
        "the way down makes room for the flight, and the landing bends the knees again",
    ),
    Kinship(
        ("arms_high",),
        ("fatigue_drift",),
        "repetitions that go higher than the others make a range that changes over the set",
    ),
    Kinship(
        ("mirrored_arms",), ("arm_line",), "the arm that should make the line does the other's way"
    ),
    Kinship(("hips_rise_first",), ("bounce",), "what rises first leaves the turn faster"),
    Kinship(("piked_hips",), ("elbows_flared",), "raised hips draw the shoulders off the elbows"),
    Kinship(
        ("torso_sway",),
        ("uncontrolled_eccentric",),
        "hands that stay bend the elbows as the trunk sways",
    ),
    Kinship(("uneven",), ("elbow_flare",), "the elbow of the lower hand is bent more, and out"),
    Kinship(("jump",), ("heels_up",), "a push off the floor ends on the toes"),
    Kinship(("jump",), ("knees_raised",), "legs that are to push off the floor are bent first"),
    Kinship(("kipping",), ("knees_raised",), "the legs swing ahead from the hips"),
    Kinship(("late_arms",), ("missed_accent",), "arms that wait are thrown in less of the time"),
    Kinship(("feet_too_narrow",), ("knees_forward",), "knees that cannot go out go ahead"),
    Kinship(("feet_too_wide",), ("incomplete_range",), "thighs that point out are low sooner"),
    Kinship(("squatty",), ("incomplete_range",), "hips that start low bend less over the bar"),
    Kinship(
        ("squatty", "asymmetry", "feet_too_wide", "trunk_rotation"),
        ("bounce",),
        "plates that come down to the floor otherwise leave it otherwise",
    ),
    Kinship(
        ("partial_down", "incomplete_range"),
        ("elbows_flared",),
        "elbows that are bent less point out over hands that stay",
    ),
    Kinship(
        ("incomplete_bottom",), ("tempo_fast",), "a way cut short at its slow end takes less time"
    ),
    Kinship(
        ("pause", "incomplete_bottom", "incomplete_lockout", "incomplete_range"),
        ("uncontrolled_eccentric", "bounce"),
        "a stop on the way, or before its slow end, shares its time out anew",
    ),
)


def reason(cause: FaultSpec, moved: FaultSpec) -> str:
    """Return why one fault moves the measure of another of its exercise, "" where nothing forces
    it to."""
    for kin in KINSHIPS:
        if cause.name in kin.causes and moved.name in kin.moved:
            return kin.because
    return ""
