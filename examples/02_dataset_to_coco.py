"""A sealed dataset, split by people and written as COCO: python examples/02_dataset_to_coco.py."""

import json
import sys
from pathlib import Path

from export.dataset import read_dataset, seal_dataset, verify_dataset
from export.formats.table import export_dataset
from export.splits import split_by_subject
from simulator.config import parse_config
from simulator.generate import generate

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/02")

config = parse_config(
    {
        "seed": 7,
        "exercises": ["squat"],
        "subjects": 3,
        "reps": 1,
        "body": "stick",
        "faults": [{"fault": "rounded_back", "size_deg": [25, 40]}],
        "render": False,
    },
    "this example",
)

if __name__ == "__main__":  # the pool's processes import this file
    generate(config, folder / "dataset", workers=1)
    seal_dataset(folder / "dataset")
    print("as sealed:", verify_dataset(folder / "dataset").ok)

    dataset = read_dataset(folder / "dataset")
    split = split_by_subject(dataset, validation_share=0.3, seed=0)
    print("sides:", dict(split.subjects))

    export_dataset(dataset, "coco", folder / "coco", split=split, every=10)
    for side in ("train", "validation"):
        text = (folder / "coco" / "annotations" / f"{side}.json").read_text(encoding="utf-8")
        print(f"{side}: {len(json.loads(text)['images'])} images")
