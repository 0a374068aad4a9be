"""One clip, from a plan to its truth on disk: python examples/00_one_clip.py [FOLDER]."""

import sys
from pathlib import Path

from motions.skeleton import SMPL22
from simulator.clip import read_clip
from simulator.config import parse_config
from simulator.make import make_clip
from simulator.plan import count_clips, plan

config = parse_config(
    {
        "seed": 7,
        "exercises": ["squat"],
        "body": "stick",  # "anny" is a person; this one is quicker
        "faults": [{"fault": "incomplete_range", "severity": 0.5}],
    },
    "this example",
)

# All that is random is decided here, as plain data: clip 1 is the same whether or not 0 was made.
planned = plan(config, 1)
print(f"clip 1 of {count_clips(config)}: {planned.exercise} with {planned.injections[0].fault_id}")

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/00") / planned.clip_id
folder.mkdir(parents=True, exist_ok=True)
make_clip(planned, renderer=None, folder=folder)  # no renderer: everything but pixels

clip = read_clip(folder)
view = clip.view("front")
knee = clip.joints_world_m[0, SMPL22.index("left_knee")]
print(f"{clip.n_frames} frames, {len(clip.reps)} repetitions, seen by {len(clip.views)} cameras")
print("left knee:", knee.round(3), "m, which is", view.camera.project(knee)[0].round(1), "px")
for fault in clip.faults:
    if fault.present:
        print(f"repetition {fault.rep}: {fault.fault_id} measures {fault.measured:.2f}")
