"""A scorer of your own: python examples/03_own_scorer.py tries it against the contract.

Evaluate it on a dataset by the name under which Python finds it:

    PYTHONPATH=examples workbench evaluate --scorer 03_own_scorer:Depth --data DIR -o OUT
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.contract import Scorer, Verdict, abstain, check_scorer
from scoring.poses import PoseSequence


@dataclass(frozen=True)
class Depth:
    """How far the hips travel down the image, against the least that good repetitions did."""

    name: str = "depth"
    version: str = "1"
    good_travel: float = 1.0
    """In heights of the person in the image."""

    def fit(self, good: Sequence[PoseSequence]) -> Scorer:
        """Learn from good repetitions."""
        return Depth(good_travel=min(_travel(sequence) for sequence in good))

    def score(self, sequence: PoseSequence) -> Verdict:
        """Judge one repetition."""
        travel = _travel(sequence)
        if np.isnan(travel):
            return abstain("the hips or the rest of the body are not in the picture")
        return Verdict(score=100 * min(1.0, travel / self.good_travel))


def _travel(sequence: PoseSequence) -> float:
    names = sequence.convention.keypoint_names
    heights = sequence.keypoints[:, :, 1]
    if np.isnan(heights).any():
        return float("nan")
    hips = heights[:, [names.index("left_hip"), names.index("right_hip")]].mean(axis=1)
    return float(np.ptp(hips) / np.ptp(heights[0]))


if __name__ == "__main__":
    print("fills", ", ".join(check_scorer(Depth())))
