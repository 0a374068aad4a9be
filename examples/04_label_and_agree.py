"""From footage and a dataset to a page about annotators: python examples/04_label_and_agree.py OUT.

Starts a Label Studio server of its own (`workbench setup label-studio` comes first). Two simulated
people answer; with real ones, stop after `push`, and go on from `pull` when they are done.
"""

import shutil
import sys
from pathlib import Path

from export.dataset import seal_dataset
from labeling import footage, predictions, prepare, pull, push, report, server, trust
from labeling.client import Client
from labeling.labels import RepetitionLabels
from motions.motion import Span
from simulator.config import parse_config
from simulator.generate import generate

out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/04")
small = {"fps": 10, "body": "stick", "cameras": {"width_px": 320, "height_px": 240}}
config = parse_config({"seed": 4, "exercises": ["squat"], "subjects": 2, **small}, "this example")

if __name__ == "__main__":  # the pool's processes import this file
    generate(config, out / "dataset", workers=1)
    dataset = seal_dataset(out / "dataset")
    (out / "footage").mkdir()  # a video of the dataset stands in for a real one
    shutil.copy(dataset.clip_folder("clip_000000") / "side.mp4", out / "footage" / "monday.mp4")
    about = "{file: monday.mp4, person: ann, session: monday, camera: side, exercise: squat}"
    (out / "footage" / "footage.yaml").write_text(f"items:\n  - {about}\n", encoding="utf-8")

    wishes = prepare.Wishes(kinds=("repetitions",), known_answer_rate=0.5, clean_share=1.0)
    found = footage.read_footage(out / "footage")
    folder = prepare.prepare_labelling(out / "tasks", dataset=dataset, footage=found, wishes=wishes)
    running = server.start_server(out / "server", folder.folder, port=0)
    with Client(running.url, server.read_credentials(running.data_dir).token) as client:
        push.push(folder, client, "example")
        project = client.find_project("example: repetitions")
        for name, lateness_s in (("careful", 0.0), ("hasty", 0.2)):
            annotator = client.add_annotator(f"{name}@formbench.local")
            for task in folder.tasks:
                whole = RepetitionLabels((Span(lateness_s, task.n_frames / task.fps),))
                said = folder.answers.get(task.uid, whole) if name == "careful" else whole
                task_id = client.uids(project)[task.uid]
                client.answer(task_id, predictions.to_results(task, said), annotator, seconds=9.0)
        pull.pull(folder, client, "example")
    server.stop_server(running.data_dir)
    for annotator in trust.assess(folder).annotators:
        print(annotator.name, "is off by", f"{annotator.repetitions.boundary_error_s.value:.2f} s")
    print("see", report.write_trust(trust.assess(folder), out))
