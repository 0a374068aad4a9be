"""The command line, put together: every room has its commands in a file of its own.

Commands parse, call one function and print. What one needs is imported inside it, so that `--help`
is quick. A mistake that the user can mend is one line on stderr and exit code 1; everything else is
a bug and keeps its traceback. Results go to stdout, progress to stderr.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from export.commands import app as datasets_app
from export.commands import (
    generate,
    sheet,
    verify,
)
from export.exchange_commands import app as exchange_app
from export.exchange_commands import (
    dataset_app,
    export,
)
from labeling.commands import (
    dataset_build,
    label_app,
)
from motions.commands import motions_app
from motions.errors import FormbenchError, mendable
from motions.storage import trouble
from motions.terminal import (
    Json,
    Output,
    Workers,
    progress,
    show,
)
from scoring.commands import app as scoring_app
from scoring.evaluation_commands import app as evaluation_app
from scoring.evaluation_commands import (
    evaluate,
)
from scoring.page_commands import app as page_app
from scoring.pose_commands import app as poses_app
from scoring.training_commands import app as train_app
from simulator.commands import app as simulator_app
from simulator.commands import faults_app
from simulator.engines.engine import SetAside

COMMANDS = (
    "motions", "faults", "estimate", "generate", "merge", "verify", "audit", "sheet", "gallery",
    "view", "split", "dataset", "export", "label", "train", "poses", "repetitions", "score",
    "rounded-back", "compare", "serve", "check-scorer", "evaluate", "evaluate-poses",
    "evaluate-real", "compare-results", "demo", "setup", "doctor",
)  # fmt: skip
"""In the order of the pipeline, as `--help` lists them."""


DEMO = """\
seed: 0
exercises: [squat, deadlift, pull_up]
recordings: ["pybullet:jump", "pybullet:dance_a"]
subjects: 2
reps: 1
faults:
  - {fault: rounded_back, severity: 0.75}
  - {fault: incomplete_range, severity: 0.75}
  - {fault: jump, severity: 0.75}
cameras: {named: [front, side], width_px: 640, height_px: 480}
"""
"""What `workbench demo` generates: videos of two people, with two recordings of a real person among
them."""


BUILT = """\
seed: 0
sources: [{name: filmed, dataset: dataset}]
splits: {shares: {train: 0.5, validation: 0.5}}
licence: commercial
"""
"""What `workbench demo` builds of the two who are filmed: one trains, one validates."""


class _Commands(typer.core.TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=COMMANDS.index)


app = typer.Typer(
    cls=_Commands,
    help="Make labelled exercise-fault data: motions, bodies, faults, video, truth, scores.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for part in (
    simulator_app,
    datasets_app,
    exchange_app,
    poses_app,
    scoring_app,
    evaluation_app,
    page_app,
):
    app.registered_commands += part.registered_commands
app.add_typer(motions_app, name="motions")
app.add_typer(faults_app, name="faults")
app.add_typer(dataset_app, name="dataset")
app.add_typer(label_app, name="label")
app.add_typer(train_app, name="train", help="Train models on a dataset.")


@label_app.command("tasks")
def label_tasks(
    output: Output,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A dataset's folder.")
    ] = None,
    footage: Annotated[
        Path | None, typer.Option(help="A folder of real videos and photos with footage.yaml.")
    ] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Of task; repeat for more.")] = None,
    media_root: Annotated[
        Path | None,
        typer.Option("--media-root", help="What the server may show; the output by default."),
    ] = None,
    media_url: Annotated[
        str | None, typer.Option("--media-url", help="Where media will be instead: s3://...")
    ] = None,
    together: Annotated[
        bool, typer.Option("--all-cameras", help="A pose task shows one instant from every camera.")
    ] = False,
    rate: Annotated[
        float, typer.Option("--known-answer-rate", help="Beside footage: the simulated share.")
    ] = 0.2,
    clean_share: Annotated[
        float, typer.Option("--clean-share", help="Of the simulated ones, how many show no fault.")
    ] = 0.3,
    with_truth: Annotated[
        bool, typer.Option("--with-truth", help="Let annotators start from the truth.")
    ] = False,
    with_mediapipe: Annotated[
        bool, typer.Option("--with-mediapipe", help="Let them start from what MediaPipe sees.")
    ] = False,
    hide_faces: Annotated[
        bool, typer.Option("--hide-faces", help="In footage; needs --with-mediapipe.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write configurations, tasks and media to label in Label Studio.

    With both a dataset and footage, simulated clips stand among the real ones unannounced.
    """
    from export.dataset import read_dataset
    from labeling.footage import read_footage
    from labeling.prepare import Wishes, prepare_labelling
    from scoring.estimators.mediapipe import MediaPipe

    dataset = read_dataset(folder) if folder else None
    found = read_footage(footage) if footage else ()
    with ExitStack() as stack:
        tracker = MediaPipe(tracking=False) if with_mediapipe else None
        wishes = Wishes(
            kinds=tuple(kind or Wishes.kinds),
            mixed_frames=footage is not None,
            with_truth=with_truth,
            estimate=stack.enter_context(tracker) if tracker else None,
            together=together,
            known_answer_rate=rate,
            clean_share=clean_share,
            hide_faces=hide_faces,
        )
        on_source = stack.enter_context(progress("clips"))
        written = prepare_labelling(
            output,
            dataset=dataset,
            footage=found,
            wishes=wishes,
            document_root=media_root,
            media_url=media_url,
            on_source=on_source,
        )
    kinds = Counter(task.kind for task in written.tasks)
    show([{"kind": kind, "tasks": n} for kind, n in kinds.items()], as_json)


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="A folder.")] = Path("demo"),
    workers: Workers = None,
) -> None:
    """Go all the way on a small scale, and say where to look.

    What is there already is kept: after a stop the same command goes on.
    """
    dataset, report = output / "dataset", output / "report"
    output.mkdir(parents=True, exist_ok=True)
    config = output / "dataset.yaml"
    config.write_text(DEMO, encoding="utf-8")
    generate(config, dataset, workers)
    verify(dataset)
    sheet(dataset, output / "sheet.png")
    built, spec = output / "built", output / "built.yaml"
    spec.write_text(BUILT, encoding="utf-8")
    if not built.exists():
        dataset_build(spec, built)
    for name in ("coco", "bvh"):
        if not (output / name).exists():
            export(built, output / name, name)
    if not (output / "label-studio").exists():
        label_tasks(output / "label-studio", dataset, with_truth=True)
    if not report.exists():
        evaluate(report, "smoke", workers=workers)
    places = (
        "dataset/clips",
        "sheet.png",
        "built/card.html",
        "coco/annotations",
        "bvh",
        "label-studio",
        "report/report.html",
    )
    whats = (
        "videos and truth",
        "contact sheet",
        "dataset card",
        "COCO keypoints",
        "motions as BVH",
        "Label Studio import",
        "report",
    )
    rows = [{"look at": w, "in": str(output / p)} for w, p in zip(whats, places, strict=True)]
    print()
    show(rows, as_json=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        app(arguments)
    except SetAside as error:
        _fail(str(error), code=2)
    except FormbenchError as error:
        _fail(str(error))
    except Exception as error:
        line = trouble(error) or (mendable(error) if isinstance(error, OSError) else None)
        if line is None:
            raise
        _fail(line)


def _fail(message: str, code: int = 1) -> None:
    print(f"workbench: {message}", file=sys.stderr)
    sys.exit(code)
