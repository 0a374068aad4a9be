"""A fault goes into a motion and is read off the finished body, by two pieces of code that share
nothing: python examples/01_inject_and_measure.py.
"""

import numpy as np

from motions.library import exercise
from motions.perform import perform
from motions.variation import sample_style
from simulator.bodies.library import build_body, sample_body
from simulator.faults.library import fault
from simulator.faults.window import Part
from simulator.retarget import retarget

squat = exercise("squat")
rounded_back = fault("squat", "rounded_back")

rng = np.random.default_rng([7, 0])
body = build_body("stick", sample_body("stick", rng), grip=False)
motion = perform(squat, sample_style(squat.out_s, squat.back_s, 1, rng), fps=30.0)
rep = motion.reps[0]

print(f"{rounded_back.id}: mild {rounded_back.mild:g}, severe {rounded_back.severe:g} deg")
for dose in (0.0, 0.25, 0.5, 0.75, 1.0):
    asked = rounded_back.size_at_dose(dose)
    performance = retarget(rounded_back.inject(motion, Part(rep), asked), body)
    measured, _ = rounded_back.read(performance, rep)
    present = "present" if rounded_back.is_present(measured) else "absent"
    print(f"dose {dose:4.2f}: asked for {asked:5.2f} deg, measured {measured:5.2f} deg, {present}")
