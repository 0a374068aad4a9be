"""Synthetic against real people: UI-PRMD's standing shoulder abduction, and our lateral raise.

    python benchmarks/ui_prmd.py FOLDER [--quick] [--json]

FOLDER holds the Vicon positions of movement 7 of UI-PRMD (Vakanski et al., "A Data Set of Human
Body Movements for Physical Rehabilitation Exercises", Data 3, 2018; public domain): in `correct`
and `incorrect` one m07_sSS_eEE_positions[_inc].txt.gz a repetition, 39 Plug-in-Gait markers in
millimetres at 100 Hz, +Z up, 0 where missing.

Each becomes COCO-17 as a camera sees it from the front. The arm that stays down is replaced by the
mirror image of the one that rises, as a lateral raise has it. What comes out is the card of
`workbench evaluate-real`: learnt from synthetic people and judging real ones, from real people but
one and judging that one, the reverse, and how many real people the synthetic ones are worth.
"""

import argparse
import csv
import gzip
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

# Beside this file lies another scoring.py, which is not the package.
sys.path[0] = str(Path(__file__).parents[1])

import numpy as np

from export.dataset import Dataset, seal_dataset
from motions.conventions import COCO_17
from motions.formats.markers import points_of_markers
from scoring.estimators.arrays import write_poses
from scoring.evaluation.real import COLUMNS, evaluate_real, read_labelled, synthetic_of, to_markdown
from scoring.poses import PoseSequence
from simulator.cameras.camera import Camera, look_at
from simulator.config import parse_config
from simulator.generate import generate

_ORDER = """
    LFHD RFHD LBHD RBHD C7 T10 CLAV STRN RBAK LSHO LUPA LELB LFRM LWRA LWRB LFIN RSHO RUPA RELB RFRM
    RWRA RWRB RFIN LASI RASI LPSI RPSI LTHI LKNE LTIB LANK LHEE LTOE RTHI RKNE RTIB RANK RHEE RTOE
"""
MARKERS = _ORDER.split()
FPS, STEP = 100.0, 5
"""Of the recordings, and which of their frames are taken."""
CAMERA = Camera("front", 640, 480, 560.0, look_at(np.array([0, -4.0, 1.1]), np.array([0, 0, 1.1])))
EYE_UP_M = 0.03
SCORERS = ("dtw", "dtw-barycentre", "anomaly", "cosine", "range", "dtw-article")
FAULTS = ("arms_low", "wrong_plane", "trunk_swing", "bent_elbows")


def points_of(path: Path) -> np.ndarray:
    """Return COCO-17 in the world, facing -Y, the resting arm as the mirror of the other.

    Args:
        path: A recording.

    Returns:
        Metres. Shape (T, 17, 3).
    """
    with gzip.open(path, "rt") as lines:
        given = np.loadtxt(lines, delimiter=",").reshape(-1, len(MARKERS), 3)[::STEP] / 1000
    given[(given == 0).all(axis=-1)] = np.nan
    markers = {name: given[:, at] for at, name in enumerate(MARKERS)}
    points, _, _ = points_of_markers(str(path), markers, FPS / STEP, None)
    for side in ("left", "right"):
        points[f"{side}_eye"] = (2 * points["nose"] + points[f"{side}_ear"]) / 3
        points[f"{side}_eye"] = points[f"{side}_eye"] + [0, 0, EYE_UP_M]
    found = np.stack([points[name] for name in COCO_17.keypoint_names], axis=1)
    at = {name: i for i, name in enumerate(COCO_17.keypoint_names)}
    across = (found[:, at["left_shoulder"]] - found[:, at["right_shoulder"]]).mean(axis=0)[:2]
    left = across / np.linalg.norm(across)
    turn = np.array([[*left, 0], [-left[1], left[0], 0], [0, 0, 1]])
    middle = (found[:, at["left_hip"]] + found[:, at["right_hip"]]) / 2
    found = (found - [*middle.mean(axis=0)[:2], np.nanmin(found[..., 2])]) @ turn.T
    rise = {side: np.ptp(found[:, at[f"{side}_wrist"], 2]) for side in ("left", "right")}
    rising, resting = sorted(rise, key=lambda side: -rise[side])
    for joint in ("elbow", "wrist"):
        off = found[:, at[f"{rising}_{joint}"]] - found[:, at[f"{rising}_shoulder"]]
        found[:, at[f"{resting}_{joint}"]] = found[:, at[f"{resting}_shoulder"]] + off * [-1, 1, 1]
    return found


def write_real(folder: Path, out: Path) -> Path:
    """Write pose files and their labels, and return the table."""
    rows = []
    for name in ("correct", "incorrect"):
        for path in sorted((folder / name).glob("m07_*_positions*.txt.gz")):
            points_px, _ = CAMERA.project(points_of(path))
            sequence = PoseSequence(
                keypoints=points_px,
                confidence=np.ones(points_px.shape[:2]),
                convention_name=COCO_17.name,
                fps=FPS / STEP,
                source="Vicon",
            )
            file = f"{name}_{path.name.partition('_positions')[0]}.npz"
            write_poses(sequence, out / file)
            good = int(name == "correct")
            rows.append([file, path.name.split("_")[1], good, "lateral_raise", CAMERA.name])
    if not rows:
        raise SystemExit(f"{folder}: expected correct/ and incorrect/ with m07_*_positions*.txt.gz")
    table = out / "labels.csv"
    with table.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([COLUMNS, *rows])
    return table


def make_synthetic(folder: Path, n_people: int) -> Dataset:
    """Make people who raise their arms, well, oddly and badly, seen from the front."""
    ladder = [{"fault": f"lateral_raise.{name}", "dose_ladder": [0.5, 1]} for name in FAULTS]
    config = {
        "seed": 7, "exercises": ["lateral_raise"], "subjects": n_people, "reps": 1, "fps": 20,
        "faults": ladder, "variations": "every", "cameras": {"named": ["front", "side"]},
        "render": False,
    }  # fmt: skip
    generate(parse_config(config, "ui_prmd"), folder)
    return seal_dataset(folder)


def main() -> None:
    """Convert, make, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="less of it, within 50 s")
    parser.add_argument("--json", action="store_true", help="print JSON")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        there = Path(name)
        (there / "real").mkdir()
        real = read_labelled(write_real(wanted.folder, there / "real"))
        dataset = make_synthetic(there / "synthetic", 2 if wanted.quick else 6)
        scorers = SCORERS[:1] if wanted.quick else SCORERS
        rows = evaluate_real(real, synthetic_of(dataset, real), scorers, there / "out")
    if wanted.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
    else:
        print(to_markdown(rows), end="")


if __name__ == "__main__":
    main()
