"""A scorer as a command, in any language: this one needs Python's standard library alone.

    workbench evaluate --scorer "cmd:python $PWD/examples/scorers/command.py" --data DIR -o OUT

It knows nothing of formbench: JSON comes in on stdin and goes out on stdout, a line each.
"""

import json
import sys

HIPS, ANKLES = (11, 12), (15, 16)  # of COCO-17


def travel(asked: dict) -> float | None:
    """Return how far the hips go down, in leg lengths; None where they are not seen."""
    rows = [
        (sum(frame[i][1] for i in HIPS), sum(frame[i][1] for i in ANKLES))
        for frame in asked["keypoints"]
        if all(frame[i][0] is not None for i in HIPS + ANKLES)
    ]
    if not rows:
        return None
    hips = [row[0] for row in rows]
    leg = rows[0][1] - rows[0][0]
    return (max(hips) - min(hips)) / leg if leg > 0 else None


good_travel = 1.0
for line in sys.stdin:
    asked = json.loads(line)
    if asked["ask"] == "about":
        answer = {"name": "hip-travel", "version": "1", "fits": True}
    elif asked["ask"] == "fit":
        known = [t for one in asked["good"] if (t := travel(one)) is not None]
        good_travel = min(known, default=1.0)
        answer = {"ok": True}
    else:
        answer = {"schema": "formbench.prediction/1", "id": asked["id"]}
        found = travel(asked)
        if found is None:
            answer |= {"score": None, "abstained": "hips or ankles are not in the picture"}
        else:
            answer["score"] = 100 * max(0.0, min(1.0, found / max(good_travel, 1e-6)))
    print(json.dumps(answer), flush=True)
