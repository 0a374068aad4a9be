"""The barbell row's faults. Ranges and evidence: faults reference, section 3.15."""

from simulator.faults.edits import ARMS, HANDS, LEGS, TRUNK
from simulator.faults.limb_edits import bring
from simulator.faults.neck import bent_neck
from simulator.faults.readings import lean_lost_rad, peak, reading_deg
from simulator.faults.rounded_back import rounded_back
from simulator.faults.spec import FaultSpec
from simulator.faults.trunk_edits import raise_trunk

BARBELL_ROW_FAULTS = (
    # Fitness-AQA labels the lower back of rows; the marks are the deadlift's.
    rounded_back(
        "barbell_row",
        sentence="The lower back rounds under the bar.",
        cue="Brace, chest out, and hinge from the hips.",
        correct=20.0,
        mild=25.0,
        severe=50.0,
        pelvis_share=0.6,
        eyes_ahead=False,
    ),
    FaultSpec(
        id="barbell_row.torso_rise",
        title="Trunk rises",
        sentence="The trunk comes up to help the bar along.",
        cue="Keep your trunk still and let only your arms move.",
        unit="deg",
        neutral=0.0,
        correct=10.0,
        mild=15.0,
        severe=40.0,
        joints=(*TRUNK, "neck", *ARMS, *HANDS, *LEGS),
        edit=bring(raise_trunk, lean_lost_rad),
        measure=reading_deg(lean_lost_rad, peak),
        excludes=("lean",),
        evidence="D",
    ),
    bent_neck(
        "barbell_row",
        name="head_craned",
        way="back",
        title="Head craned back",
        sentence="The head is thrown back to look ahead.",
        cue="Keep your neck in line and look at the floor ahead.",
        marks=(12.0, 24.0, 29.0, 45.0),
        evidence="E",
    ),
)
