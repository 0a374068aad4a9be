"""Predictions as a file: what scorers would be asked in, what this one says out.

workbench evaluate --requests-only --data DIR -o asked
python examples/scorers/predictions.py asked/judge.jsonl > always-fifty.jsonl
workbench evaluate --scorer file:always-fifty.jsonl --data DIR -o OUT
"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as requests:
    for line in requests:
        asked = json.loads(line)
        print(json.dumps({"schema": "formbench.prediction/1", "id": asked["id"], "score": 50}))
