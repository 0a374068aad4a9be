"""How true motions stay on other bodies, and how fast they get there.

    python benchmarks/retarget.py [--quick] [--json]

Every DeepMimic humanoid clip, the HDM05 squats and hops in ../shared/real where that folder is,
and every exercise, on twenty people from the extremes of the range. PyBullet's own inverse
kinematics brings wrists and ankles of the same skeleton to the same places in the same run. Exits
with 1 when a figure misses its target.
"""

import os

os.environ |= {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

# Beside this file lies a scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np
import pybullet

from benchmarks.table import Row, arguments, finish
from motions.formats.deepmimic import pybullet_clips
from motions.formats.read import read_motion
from motions.formats.reading import About, Hints
from motions.geometry import inverse, rotate
from motions.library import EXERCISES
from motions.motion import Motion
from motions.perform import perform
from motions.recordings import recording
from motions.skeleton import SMPL22
from simulator.bodies.anny import build_anny
from simulator.bodies.body import Body
from simulator.fidelity import JointFidelity, joint_fidelity
from simulator.lying import hover_m, lies
from simulator.performance import Performance
from simulator.proof import round_trip
from simulator.retarget import retarget
from simulator.skin_fidelity import bench_depth_m, floor_depths_m

HDM05 = Path(__file__).parents[2] / "shared" / "real" / "hdm05"
HDM05_FPS = 120.0
SETS = {"deepmimic": "DeepMimic", "hdm05": "HDM05", "exercise": "exercises"}
TO_TARGET = {"maxNumIterations": 100, "residualThreshold": 1e-4}
"""Ours is at its targets to a thousandth of a millimetre; PyBullet is given a tenth."""
ENDS = ("left_wrist", "right_wrist", "left_ankle", "right_ankle")
HINGES = {
    "hip": "xyz", "knee": "x", "shoulder": "xyz", "elbow": "xyz",
    "spine1": "xyz", "spine2": "xyz", "spine3": "xyz",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What came of one motion on one body, which in the frames where it lies hovers so high."""

    kind: str
    name: str
    fidelity: JointFidelity
    depth_m: float
    hovers_m: np.ndarray
    back_deg: float
    back_m: float


def motions() -> Iterator[tuple[str, str, Motion]]:
    """Give every motion with the set it is from and its name."""
    for name in pybullet_clips():
        yield "deepmimic", name, recording(f"pybullet:{name}")
    for path in sorted(HDM05.glob("*.amc")):
        hints = Hints(fps=HDM05_FPS, skeleton=path.with_name(f"{path.name[:6]}.asf"))
        about = About("squat" if "squat" in path.stem else "hop", "HDM05", "CC-BY-SA-3.0")
        yield "hdm05", path.stem, read_motion(path, about, hints).motion
    for name, exercise in EXERCISES.items():
        style = replace(exercise.style(2, np.random.default_rng(0)), bench_m=0.0)
        yield "exercise", name, perform(exercise, style, 30.0)
        if exercise.bench_m:
            on_bench = replace(style, bench_m=exercise.bench_m.high)
            yield "exercise", f"{name} on a bench", perform(exercise, on_bench, 30.0)


def people(every: int) -> list[dict[bool, Body]]:
    """Build the corners of the range and four of uncommon proportions, with open and closed hands.

    Args:
        every: Take every so manyth only.
    """
    corners: list[tuple[float, ...]] = [
        (gender, 0.7, stature_m, weight, muscle, 0.5)
        for gender, stature_m, weight, muscle in product((0.0, 1.0), (1.5, 2.0), (0, 1), (0, 1))
    ]
    corners += [(gender, 0.9, 1.75, 0.5, 0.5, p) for gender, p in product((0.0, 1.0), (0.0, 1.0))]
    names = ("gender", "age", "stature_m", "weight", "muscle", "proportions")
    return [
        {
            grip: build_anny(**dict(zip(names, values, strict=True)), grip=grip)
            for grip in (False, True)
        }
        for values in corners[::every]
    ]


def tried(bodies: list[dict[bool, Body]]) -> tuple[list[Case], list[float]]:
    """Put every motion on every body; also give the frames a second without skin and with it."""
    cases, n_frames, spent_s = [], 0, [0.0, 0.0]
    for kind, name, motion in motions():
        grips = kind == "exercise" and EXERCISES[motion.exercise].grips
        for body in (pair[grips] for pair in bodies):
            for skin in (False, True):
                start_s = time.process_time()
                done = retarget(motion, body, metrics=False, skin=skin)
                spent_s[skin] += time.process_time() - start_s
            n_frames += motion.n_frames
            cases.append(case(kind, name, done))
    return cases, [n_frames / seconds for seconds in spent_s]


def case(kind: str, name: str, done: Performance) -> Case:
    """Measure one motion on one body."""
    back = round_trip(done)
    return Case(
        kind,
        name,
        joint_fidelity(done.motion, done.body, done.root_m, done.world_wxyz),
        max(
            float(floor_depths_m(done.body, done.root_m, done.world_wxyz).max()),
            bench_depth_m(done),
        ),
        hover_m(done.body, done.root_m, done.world_wxyz)[lies(done.motion)],
        back["round_trip_angle_error_mean_deg"],
        back["round_trip_position_error_mean_m"],
    )


def humanoid() -> str:
    """Return a URDF of the canonical skeleton: PyBullet's solver takes hinges only."""
    inertia = '<inertia ixx="1" iyy="1" izz="1" ixy="0" ixz="0" iyz="0"/>'
    body = f'<inertial><mass value="1"/>{inertia}</inertial>'
    parts = [f'<link name="pelvis">{body}</link>']
    for joint, name in enumerate(SMPL22.joint_names[1:], start=1):
        parent = SMPL22.joint_names[SMPL22.parents[joint]]
        axes = HINGES.get(name.split("_")[-1], "")
        chain = [f"{name}_{axis}" for axis in axes[:-1]] + [name]
        for number, link in enumerate(chain):
            at = SMPL22.offsets_m[joint] if number == 0 else np.zeros(3)
            axis = " ".join("1" if axes[number : number + 1] == a else "0" for a in "xyz")
            kind = f'type="continuous"><axis xyz="{axis}"/' if axes else 'type="fixed"'
            parts.append(
                f'<link name="{link}">{body}</link><joint name="{link}" {kind}>'
                f'<parent link="{parent}"/><child link="{link}"/>'
                f'<origin xyz="{at[0]} {at[1]} {at[2]}"/></joint>'
            )
            parent = link
    # In lines, because PyBullet reads long ones wrongly.
    return "\n".join(['<robot name="humanoid">', *parts, "</robot>"])


def pybullet_frames_per_s(every: int, *, to_target: bool) -> tuple[float, float]:
    """Let PyBullet bring wrists and ankles where the sources have them, as seen from the pelvis.

    Args:
        every: Take every so manyth motion only.
        to_target: Whether it goes on until it is there, or stops after the 20 steps it is set to.

    Returns:
        Frames a second, and the mean distance left in metres.
    """
    pybullet.connect(pybullet.DIRECT)
    with tempfile.NamedTemporaryFile("w", suffix=".urdf") as file:
        file.write(humanoid())
        file.flush()
        figure = pybullet.loadURDF(file.name, useFixedBase=True)
    joints = [pybullet.getJointInfo(figure, i) for i in range(pybullet.getNumJoints(figure))]
    links = {joint[12].decode(): joint[0] for joint in joints}
    hinges = [joint[0] for joint in joints if joint[2] == pybullet.JOINT_REVOLUTE]
    ends = [links[name] for name in ENDS]
    spent_s, left_m = 0.0, []
    for _, _, motion in list(motions())[::every]:
        turned = inverse(motion.world_orientations_wxyz[:, :1])
        seen_m = rotate(turned, motion.joints_world_m - motion.root_position_m[:, None])
        for targets_m in seen_m[:, [SMPL22.index(name) for name in ENDS]]:
            start_s = time.process_time()
            angles = pybullet.calculateInverseKinematics2(
                figure, ends, targets_m.tolist(), **(TO_TARGET if to_target else {})
            )
            spent_s += time.process_time() - start_s
            for hinge, angle in zip(hinges, angles, strict=True):
                pybullet.resetJointState(figure, hinge, angle)
            states = pybullet.getLinkStates(figure, ends, computeForwardKinematics=True)
            reached_m = np.array([state[4] for state in states])
            left_m.append(np.linalg.norm(reached_m - targets_m, axis=-1).mean())
    pybullet.disconnect()
    return len(left_m) / spent_s, float(np.mean(left_m))


def rows_of(kind: str, cases: list[Case]) -> list[Row]:
    """Return the figures of one set of motions over all bodies."""

    def worst(of: Callable[[Case], float], largest: bool = True) -> str:
        pick = (max if largest else min)(cases, key=of)
        return f"worst {of(pick):.3g} ({pick.name})"

    def pooled(name: str) -> np.ndarray:
        return np.concatenate([getattr(c.fidelity, name).ravel() for c in cases])

    angles, slides = pooled("angle_errors_deg"), pooled("slides_m_s")
    jerk = [c.fidelity.jerk_ratio for c in cases]
    least, most = (worst(lambda c: c.fidelity.jerk_ratio, largest) for largest in (False, True))
    depths_m = [c.depth_m for c in cases]

    def row(figure: str, value: float, target: str, told: str) -> Row:
        return Row(f"{SETS[kind]}: {figure}", value, target, told)

    deepest = worst(lambda c: 100 * c.depth_m)
    hovers_cm = 100 * np.concatenate([c.hovers_m for c in cases])
    lying = []
    if len(hovers_cm):
        highest = worst(lambda c: 100 * float(c.hovers_m.max(initial=0.0)))
        p95 = float(np.percentile(hovers_cm, 95))
        lying = [row("hover where it lies, p95, cm", p95, "", highest)]
    return [
        row(
            "limb-angle error, mean, deg", float(angles.mean()), "<= 1",
            worst(lambda c: float(c.fidelity.angle_errors_deg.mean())),
        ),
        row(
            "limb-angle error, p95, deg", float(np.percentile(angles, 95)), "<= 2",
            worst(lambda c: float(np.percentile(c.fidelity.angle_errors_deg, 95))),
        ),
        row(
            "limb-scaled position error, mm", 1000 * float(pooled("position_errors_m").mean()),
            "<= 20", worst(lambda c: 1000 * float(c.fidelity.position_errors_m.mean())),
        ),
        row(
            "end-effector error, % of stature", 100 * float(pooled("end_errors").mean()), "<= 2",
            worst(lambda c: 100 * float(c.fidelity.end_errors.mean())),
        ),
        row(
            "slide in contact, p99, cm/s", 100 * float(np.percentile(slides, 99)), "<= 1",
            worst(lambda c: 100 * c.fidelity.figures()["contact_slide_max_m_s"]),
        ),
        row(
            "contacts kept, %", 100 * float(pooled("contacts_kept").mean()), ">= 98",
            worst(lambda c: 100 * c.fidelity.figures()["contacts_kept"], largest=False),
        ),
        row(
            "deepest in the floor or a bench, cm", 100 * max(depths_m), "<= 1",
            f"{deepest}, median {100 * float(np.median(depths_m)):.2g}",
        ),
        *lying,
        row("jerk over the source's, median", float(np.median(jerk)), ">= 0.8", least),
        row("jerk over the source's, median", float(np.median(jerk)), "<= 1.2", most),
        row(
            "round trip, mean, deg", float(np.mean([c.back_deg for c in cases])), "<= 1",
            worst(lambda c: c.back_deg),
        ),
        row(
            "round trip, mean, mm", 1000 * float(np.mean([c.back_m for c in cases])), "<= 5",
            worst(lambda c: 1000 * c.back_m),
        ),
    ]  # fmt: skip


def measured(quick: bool) -> list[Row]:
    """Measure everything."""
    bodies = people(every=6 if quick else 1)
    cases, (ours, with_skin) = tried(bodies)
    every = 8 if quick else 2
    hasty, hasty_left_m = pybullet_frames_per_s(every, to_target=False)
    theirs, left_m = pybullet_frames_per_s(every, to_target=True)
    rows = []
    for kind in SETS:
        of_kind = [c for c in cases if c.kind == kind]
        rows += rows_of(kind, of_kind) if of_kind else []
    pace = f"{len(bodies)} bodies, on one core"
    peer = (
        f"PyBullet {theirs:.0f} frames/s, {1000 * left_m:.1f} mm from its targets; "
        f"in 20 steps {hasty:.0f} frames/s, {1000 * hasty_left_m:.1f} mm from them"
    )
    return [
        *rows,
        Row("speed, no mesh, frames/s", ours, ">= 300", pace),
        Row("speed with the skin over the floor, frames/s", with_skin, ">= 300", pace),
        Row("speed, no mesh, times PyBullet's inverse kinematics", ours / theirs, ">= 10", peer),
        Row("speed with the skin, times PyBullet's", with_skin / theirs, "", "no target"),
    ]


def main() -> None:
    """Measure and show the table."""
    options = arguments(__doc__)
    if not HDM05.is_dir():
        print("HDM05 is not there: ../shared/real/hdm05", file=sys.stderr)
    finish(measured(options.quick), options.json)


if __name__ == "__main__":
    main()
