"""The push-up's faults. Ranges and evidence: faults reference, section 3.4."""

from simulator.faults.edits import ARMS, FEET, HANDS, LEGS, WHOLE_BODY
from simulator.faults.incomplete_range import stop_short_at, turn_back_at
from simulator.faults.leg_edits import fold_knees
from simulator.faults.limb_edits import bring
from simulator.faults.neck import bent_neck
from simulator.faults.prone import hips_off_line, let_hips_lag, measure_worming
from simulator.faults.readings import (
    arm_abduction_rad,
    at_far_end,
    bend_rad,
    least,
    peak,
    reading_deg,
)
from simulator.faults.spec import FaultSpec
from simulator.faults.trunk_edits import flare_elbows
from simulator.faults.window import AT_REST, THROUGHOUT, Window

_ARMS = (*ARMS, *HANDS)
PRESS = Window(way="back", onset=0.4, release=0.3)
"""Hips sag as the arms push up; at the bottom the floor is in the way."""

PUSH_UP_FAULTS = (
    # Angles are from straight: 180 less the inner one, which in UI-PRMD is 165 to 173 degrees in
    # correct push-ups and 132 to 160 in incorrect ones.
    hips_off_line(
        "push_up",
        "low",
        name="sagging_hips",
        title="Sagging hips",
        sentence="The hips sag and the lower back hangs through.",
        cue="Squeeze your glutes and hold one line from head to heels.",
        correct=15.0,
        mild=20.0,
        severe=40.0,
        window=PRESS,
        over=peak,
        evidence="M",
    ),
    hips_off_line(
        "push_up",
        "high",
        name="piked_hips",
        title="Piked hips",
        sentence="The hips stick up in the air.",
        cue="Lower your hips into line with shoulders and heels.",
        correct=15.0,
        mild=20.0,
        severe=60.0,
        window=THROUGHOUT,
        over=peak,
        evidence="R",
    ),
    FaultSpec(
        id="push_up.partial_down",
        title="Not low enough",
        sentence="The chest stays high: the upper arms never come level.",
        cue="Lower yourself until your upper arms are level.",
        unit="deg",
        neutral=108.0,
        correct=90.0,
        mild=80.0,
        severe=40.0,
        joints=WHOLE_BODY,
        edit=turn_back_at(bend_rad("hand")),
        measure=reading_deg(bend_rad("hand"), peak),
        window=None,
        excludes=("range",),
        evidence="R",
    ),
    FaultSpec(
        id="push_up.partial_up",
        title="Arms not straightened",
        sentence="The arms stay bent at the top.",
        cue="Push until your arms are straight.",
        unit="deg",
        neutral=10.0,
        correct=16.0,
        mild=20.0,
        severe=45.0,
        joints=WHOLE_BODY,
        edit=stop_short_at(bend_rad("hand")),
        measure=reading_deg(bend_rad("hand"), least),
        window=AT_REST,
        excludes=("range",),
        evidence="R",
    ),
    FaultSpec(
        id="push_up.elbows_flared",
        title="Elbows flared",
        sentence="The elbows stick out straight to the side.",
        cue="Point your elbows back, at half a right angle from your trunk.",
        unit="deg",
        neutral=44.0,
        correct=60.0,
        mild=75.0,
        severe=85.0,
        joints=_ARMS,
        edit=bring(flare_elbows, arm_abduction_rad),
        measure=reading_deg(arm_abduction_rad, at_far_end),
        sides=("left", "right"),
        excludes=("elbows",),
        evidence="D",
    ),
    FaultSpec(
        id="push_up.bent_knees",
        title="Bent knees",
        sentence="The knees bend towards the floor.",
        cue="Lock your knees and push your heels back.",
        unit="deg",
        neutral=7.0,
        correct=17.0,
        mild=30.0,
        severe=55.0,
        joints=(*LEGS, *FEET),
        edit=bring(fold_knees, bend_rad("foot")),
        measure=reading_deg(bend_rad("foot"), peak),
        window=THROUGHOUT,
        excludes=("knees",),
        evidence="M",
    ),
    FaultSpec(
        id="push_up.worming",
        title="Worming up",
        sentence="The chest comes up first and the hips follow.",
        cue="Move as one piece, like a plank.",
        unit="s",
        neutral=0.0,
        correct=0.06,
        mild=0.1,
        severe=0.4,
        joints=WHOLE_BODY,
        edit=let_hips_lag,
        measure=measure_worming,
        window=PRESS,
        excludes=("hip line",),
        evidence="R",
    ),
    bent_neck(
        "push_up",
        name="head_drop",
        way="forward",
        title="Head dropped",
        sentence="The head hangs towards the floor.",
        cue="Keep your neck in line with your back.",
        marks=(0.0, 10.0, 20.0, 45.0),
        evidence="E",
        window=THROUGHOUT,
    ),
)
