"""The command line: parse, call one function, print.

What a command needs is imported inside it, so that `--help` is quick. A mistake that the user can
mend is one line on stderr and exit code 1; everything else is a bug and keeps its traceback.
Results go to stdout, progress to stderr.
"""

import errno
import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import typer.core

from motions.errors import FormbenchError

COMMANDS = (
    "motions", "faults", "estimate", "generate", "merge", "verify", "audit", "sheet", "gallery",
    "view", "split", "dataset", "export", "label", "poses", "repetitions", "score", "compare",
    "check-scorer", "evaluate", "compare-results", "demo", "setup", "doctor",
)  # fmt: skip
"""In the order of the pipeline, as `--help` lists them."""

DEMO = """\
seed: 0
exercises: [squat, deadlift, pull_up]
recordings: {recordings}
subjects: {subjects}
reps: {reps}
faults:
  - {{fault: rounded_back, severity: 0.75}}
  - {{fault: incomplete_range, severity: 0.75}}
  - {{fault: jump, severity: 0.75}}
cameras: {{named: [front, side], width_px: 640, height_px: 480}}
render: {render}
"""
"""What `workbench demo` generates: videos of two people, with two recordings of a real person among
them, and the truth alone of eight, the same two among them, so that scorers are judged on more than
one person."""

BUILT = """\
seed: 0
sources: [{name: filmed, dataset: dataset}]
splits: {shares: {train: 0.5, validation: 0.5}}
licence: commercial
"""
"""What `workbench demo` builds of the two who are filmed: one trains, one validates."""

_MENDABLE = {
    errno.ENOENT: "no such file or folder",
    errno.ENOTDIR: "expected a folder, got a file",
    errno.EEXIST: "expected a folder, got a file",
    errno.EISDIR: "expected a file, got a folder",
    errno.ENOSPC: "the disk is full; make room and run the same command again",
    errno.EDQUOT: "the disk quota is used up; make room and run the same command again",
    errno.EACCES: "permission denied; choose a place that this user may read and write",
    errno.EPERM: "not permitted; choose a place that this user may read and write",
    errno.EROFS: "the file system is read-only; choose another place",
}


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
motions_app = typer.Typer(help="Reference motions.", no_args_is_help=True)
faults_app = typer.Typer(help="The faults that can be made and measured.", no_args_is_help=True)
dataset_app = typer.Typer(help="Datasets of several sources.", no_args_is_help=True)
label_app = typer.Typer(help="Label Studio: ask annotators, and judge them.", no_args_is_help=True)
app.add_typer(motions_app, name="motions")
app.add_typer(faults_app, name="faults")
app.add_typer(dataset_app, name="dataset")
app.add_typer(label_app, name="label")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Dataset = Annotated[Path, typer.Argument(metavar="DIR", help="A dataset's folder.")]
Output = Annotated[Path, typer.Option("-o", "--output", help="A new or empty folder.")]
OutputFile = Annotated[Path, typer.Option("-o", "--output", help="The file to write.")]
Workers = Annotated[int | None, typer.Option(help="Processes; one a core by default.")]
Share = Annotated[float, typer.Option("--validation-share", help="Of clips to validate on.")]
Seed = Annotated[int, typer.Option(help="Decides between equally good splits.")]

KeypointsOnly = Annotated[
    bool, typer.Option("--keypoints-only", help="Make no pixels, only all other truth.")
]

Row = dict[str, Any]
Thing = TypeVar("Thing")


@motions_app.command("list")
def motions_list(as_json: Json = False) -> None:
    """List the exercises, and the recordings of real people that come with PyBullet."""
    from motions.formats.deepmimic import pybullet_clips
    from motions.library import EXERCISES

    fields = ("name", "title", "phases", "contacts", "props")
    rows = [_fields(exercise, *fields) for exercise in EXERCISES.values()]
    for name, path in pybullet_clips().items():
        rows.append(dict.fromkeys(fields, ()) | {"name": name, "title": path.name})
    _show(rows, as_json)


@motions_app.command("import")
def motions_import(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings.")],
    exercise: Annotated[str, typer.Option(help="What is done in them.")],
    output: Output,
    licence: Annotated[str, typer.Option(prompt=True, help="Their SPDX identifier.")],
    origin: Annotated[
        str, typer.Option(prompt=True, help="Who made them, or where they are from.")
    ],
    up: Annotated[str | None, typer.Option(help="The axis that points up: x, y or z.")] = None,
    fps: Annotated[float | None, typer.Option(help="Where a file does not say.")] = None,
    convention: Annotated[
        str | None, typer.Option(help="Of keypoints: coco17, h36m17, ...")
    ] = None,
    names: Annotated[Path | None, typer.Option(help="YAML, canonical joint: name in file.")] = None,
    skeleton: Annotated[Path | None, typer.Option(help="The .asf of .amc files.")] = None,
    as_json: Json = False,
) -> None:
    """Turn recordings of an exercise into reference motions with repetitions.

    BVH, ASF/AMC, AMASS, DeepMimic, C3D, TRC, OpenSim .mot, and 3D keypoints in .npz, .npy or JSON.
    """
    from motions.formats.names import read_name_map
    from motions.formats.reading import About, Hints
    from motions.importing import import_all

    given = read_name_map(names) if names else None
    hints = Hints(up=up, fps=fps, names=given, convention=convention, skeleton=skeleton)
    with _progress("files") as on_file:
        read = import_all(files, About(exercise, origin, licence), hints, output, on_file)
    rows = [_reading_row(path, reading) for path, reading in read.items()]
    _show(rows, as_json)


@motions_app.command("retarget")
def motions_retarget(
    motion: Annotated[str, typer.Argument(metavar="MOTION", help="A .npz, or pybullet:NAME.")],
    body: Annotated[str, typer.Option(help="anny, stick, smpl, smplh or smplx.")] = "anny",
    seed: Annotated[int, typer.Option(help="Which person.")] = 0,
    as_json: Json = False,
) -> None:
    """Put one motion on one body and say how well it fits."""
    import numpy as np

    from motions.recordings import recording
    from simulator.bodies.library import build_body, sample_body
    from simulator.proof import proof
    from simulator.retarget import retarget

    person = build_body(body, sample_body(body, np.random.default_rng(seed)), grip=False)
    figures = proof(retarget(recording(motion), person))
    _show([{"figure": name, "value": value} for name, value in figures.items()], as_json)


@faults_app.command("list")
def faults_list(
    exercise: Annotated[str | None, typer.Option(help="Only the faults of this one.")] = None,
    as_json: Json = False,
) -> None:
    """List the faults with the sizes that count as mild and severe."""
    from simulator.faults.library import FAULTS, faults_of

    faults = FAULTS.values() if exercise is None else faults_of(exercise)
    fields = ["id", "title", "unit", "correct", "mild", "severe", "sides", "evidence", "sentence"]
    if as_json:
        fields += ["cue", "neutral", "one_sided", "whole_set", "joints"]
    _show([_fields(fault, *fields) for fault in faults], as_json)


@app.command()
def generate(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    output: Output,
    workers: Workers = None,
    keypoints_only: KeypointsOnly = False,
    shard: Annotated[
        str | None, typer.Option(help="Make part NUMBER/OF, such as 2/5; then merge.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a dataset from a config.

    Clips that are there are kept: after a stop the same command goes on, and ends with the same
    bytes.
    """
    from export.dataset import seal_dataset
    from simulator import generate as simulator
    from simulator.shards import parse_shard

    wanted = _read_config(config, keypoints_only)
    part = parse_shard(shard) if shard else None
    with _progress("clips") as on_clip:
        made = simulator.generate(wanted, output, workers, on_clip, part)
    dataset = seal_dataset(output)
    counts = {
        "clips": len(dataset.rows),
        "made now": made,
        "planned anew": sum(row.attempt > 0 for row in dataset.rows),
        "beyond limits": sum(bool(row.broken_limits) for row in dataset.rows),
    }
    _show([{"folder": str(output), **counts}], as_json)


@app.command()
def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD...", help="All of one config.")],
    output: Output,
    as_json: Json = False,
) -> None:
    """Put shards together: the same dataset, byte for byte, as one made in one go."""
    from export.dataset import seal_dataset
    from simulator import shards as simulator

    with _progress("clips") as on_clip:
        simulator.merge(shards, output, on_clip)
    dataset = seal_dataset(output)
    row = {"folder": str(output), "clips": len(dataset.rows), "sha256": dataset.content_sha256}
    _show([row], as_json)


@app.command()
def estimate(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    cores: Annotated[int, typer.Option(help="On how many it would run.")] = 2,
    sample: Annotated[int, typer.Option(help="How many clips to make to find out.")] = 8,
    price: Annotated[
        float | None, typer.Option("--price-per-core-hour", help="In any currency.")
    ] = None,
    keypoints_only: KeypointsOnly = False,
    as_json: Json = False,
) -> None:
    """Say what a dataset will cost, from a few of its clips."""
    from simulator.estimate import estimate

    with _progress("clips") as on_clip:
        cost = estimate(_read_config(config, keypoints_only), sample, on_clip)
    row = {"clips": cost.clips, "sampled": cost.sampled, "core-hours": cost.core_hours}
    row |= {"give or take": cost.core_hours_off, f"hours on {cores} cores": cost.wall_hours(cores)}
    row |= {"GB": cost.gigabytes}
    if price is not None:
        row |= {"price": cost.price(price), "price a clip": cost.price(price) / cost.clips}
    _show([row], as_json)


@app.command()
def verify(folder: Dataset, as_json: Json = False) -> None:
    """Prove that a dataset's files are those of its manifest.

    Otherwise the files that differ are listed and the exit code is 1.
    """
    from export.dataset import verify_dataset

    found = verify_dataset(folder)
    states = ("missing", "changed", "extra")
    rows = [{"file": name, "is": state} for state in states for name in getattr(found, state)]
    _show(rows, as_json, f"{folder}: all {found.n_files} files are those of the manifest")
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def audit(
    folder: Dataset,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write a page of HTML, too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether the labels hold: what was asked for against what the bodies show.

    The exit code is 1 when one does not hold.
    """
    from export.audit import audit_dataset, rows_by_fault
    from export.audit_report import verdict, write_audit
    from export.dataset import read_dataset

    found = audit_dataset(read_dataset(folder))
    if output is not None:
        write_audit(found, output)
    if as_json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        _show(rows_by_fault(found), as_json)
        _show([asdict(leak) for leak in found.listed_leaks()], as_json)
        _show([asdict(broken) for broken in found.broken], as_json)
        print(verdict(found))
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def sheet(
    folder: Dataset,
    output: OutputFile,
    clip: Annotated[list[str] | None, typer.Option(help="A clip's id; repeat for more.")] = None,
) -> None:
    """Draw a contact sheet: frames with the skeleton over them.

    Without --clip it shows one clip of each exercise and each fault.
    """
    from export.dataset import read_dataset
    from simulator.sheet import write_sheet

    dataset = read_dataset(folder)
    # One of each: the first clip of each exercise with each set of faults that it shows.
    firsts = {(row.exercise, row.faults): row.clip_id for row in reversed(dataset.rows)}
    shown = clip or sorted(firsts.values())
    with _progress("rows") as on_row:
        write_sheet([dataset.clip_folder(clip_id) for clip_id in shown], output, on_row=on_row)
    print(output)


@app.command()
def gallery(folder: Dataset, output: Output) -> None:
    """Write a page to look at a dataset: videos with the truth over them, and filters.

    It links to the dataset's videos, so keep the two folders as they lie.
    """
    from export.dataset import read_dataset
    from export.gallery import write_gallery

    with _progress("clips") as on_clip:
        page = write_gallery(read_dataset(folder), output, on_clip)
    print(page)


@app.command()
def view(
    clip: Annotated[Path, typer.Argument(metavar="CLIP", help="A clip's folder.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write this .rrd and open nothing.")
    ] = None,
) -> None:
    """Look at one clip in Rerun: skeleton, cameras, videos and spans on one timeline."""
    from export.viewing import open_viewer, write_recording

    recording = output or Path(f"{clip.resolve().name}.rrd")
    write_recording(clip, recording)
    print(recording)
    if output is None:
        open_viewer(recording)


@app.command()
def split(
    folder: Dataset, output: OutputFile, share: Share = 0.3, seed: Seed = 0, as_json: Json = False
) -> None:
    """Part a dataset into train and validation; people stay whole."""
    from export.dataset import read_dataset
    from export.leaks import check_leaks
    from export.splits import SIDES, split_by_subject, write_split

    dataset = read_dataset(folder)
    parted = split_by_subject(dataset, share, seed)
    check_leaks(dataset, parted)
    write_split(parted, output)
    rows = [row for side in SIDES for row in parted.rows(dataset, side)]
    clips = Counter(parted.subjects[row.subject_id] for row in rows)
    people = Counter(parted.subjects.values())
    _show([{"side": s, "subjects": people[s], "clips": clips[s]} for s in SIDES], as_json)


@dataset_app.command("build")
def dataset_build(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="A YAML file.")],
    output: Output,
    licence: Annotated[
        str | None, typer.Option(help="Refuse clips that may not be put to this use: commercial.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Build one dataset from simulated clips and labelled footage, parted without leaks."""
    from export.build import build_dataset
    from export.spec import read_spec
    from export.splits import read_split
    from labeling.clips import labelled_clips

    wanted = read_spec(spec)
    if licence is not None:
        wanted = wanted.model_copy(update={"licence": licence})
    with _progress("clips") as on_clip:
        dataset = build_dataset(wanted, output, labelled_clips, on_clip)
    parted = read_split(output / "splits.json")
    sides = {side: parted.rows(dataset, side) for side in parted.sides}
    _show([_side_row(side, rows) for side, rows in sides.items()], as_json)


@dataset_app.command("import")
def dataset_import(
    source: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder of labels.")],
    output: Output,
    format_name: Annotated[
        str,
        typer.Option(
            "--format",
            help="coco, openpose, mediapipe, videopose3d, mmaction, webdataset, formbench.",
        ),
    ],
    licence: Annotated[str, typer.Option(prompt=True, help="Its SPDX identifier.")],
    labels: Annotated[
        Path | None, typer.Option(help="YAML, their name of a fault: a fault id or clean.")
    ] = None,
    exercise: Annotated[str | None, typer.Option(help="What is done in it.")] = None,
    fps: Annotated[float | None, typer.Option(help="Where a file does not say.")] = None,
    size: Annotated[str | None, typer.Option(help="Of the images: 640x480.")] = None,
    as_json: Json = False,
) -> None:
    """Turn what others labelled into a dataset, to hold scorers against."""
    from export.importing import import_dataset, read_label_map
    from export.readers.found import Hints

    hints = Hints(fps=fps, size_px=_size_px(size), exercise=exercise)
    names = read_label_map(labels) if labels else None
    dataset = import_dataset(
        source, format_name, output, licence=licence, hints=hints, labels=names
    )
    _show([{"folder": str(output), "clips": len(dataset.rows)}], as_json)


@app.command()
def export(
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="A dataset's folder.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="A new folder.")] = None,
    format_name: Annotated[str, typer.Option("--format", help="One that --list names.")] = "coco",
    split_file: Annotated[
        Path | None, typer.Option("--split", help="What split wrote; DIR/splits.json if there.")
    ] = None,
    every: Annotated[int, typer.Option(help="Take every n-th frame.")] = 1,
    images: Annotated[bool, typer.Option("--images", help="Write the pictures too.")] = False,
    use: Annotated[
        str | None, typer.Option(help="Refuse clips that may not be put to this use: commercial.")
    ] = None,
    lossy: Annotated[
        bool, typer.Option("--lossy", help="Leave out what the format cannot carry, and list it.")
    ] = False,
    list_formats: Annotated[bool, typer.Option("--list", help="List the formats.")] = False,
    as_json: Json = False,
) -> None:
    """Write a dataset in another format, or list the formats."""
    from export.dataset import read_dataset
    from export.formats.table import FORMATS, export_dataset
    from export.splits import read_split

    if list_formats:
        rows = [_fields(format_, "name", "title", "read_by") for format_ in FORMATS.values()]
        return _show(rows, as_json)
    if folder is None or output is None:
        raise FormbenchError("export: expected DIR and -o OUT, or --list")
    if split_file is None and (folder / "splits.json").is_file():
        split_file = folder / "splits.json"
    parted = read_split(split_file) if split_file else None
    wishes: Row = {"split": parted, "every": every, "images": images, "use": use, "lossy": lossy}
    with _progress("clips") as on_clip:
        export_dataset(read_dataset(folder), format_name, output, on_clip=on_clip, **wishes)
    _show([{"format": format_name, "folder": str(output)}], as_json)


DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Of a server of one's own; one a user by default.")
]
Tasks = Annotated[Path, typer.Argument(metavar="DIR", help="What `label tasks` wrote.")]
Url = Annotated[
    str | None,
    typer.Option(
        help="Another server than one's own; its token from LABEL_STUDIO_API_KEY or asked for."
    ),
]
Campaign = Annotated[str | None, typer.Option("--name", help="Of the projects; the folder's.")]


@label_app.command("up")
def label_up(
    media_root: Annotated[
        Path, typer.Option("--media-root", help="What the server may show; tasks go inside.")
    ] = Path(),
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 for any that is free.")] = 8080,
    as_json: Json = False,
) -> None:
    """Start a Label Studio server of one's own, installing it the first time."""
    from labeling.server import CREDENTIALS, default_data_dir, read_credentials, start_server
    from simulator.environments import make_environment

    where = data_dir or default_data_dir()
    with _spinner("Label Studio") as on_line:
        make_environment("label-studio", on_line)
        running = start_server(where, media_root, port, on_line=on_line)
    row = {"address": running.url, "sign in as": read_credentials(running.data_dir).username}
    _show([row | {"password in": str(running.data_dir / CREDENTIALS)}], as_json)


@label_app.command("down")
def label_down(data_dir: DataDir = None) -> None:
    """Stop the Label Studio server that `label up` started."""
    from labeling.server import default_data_dir, stop_server

    where = data_dir or default_data_dir()
    print("stopped" if stop_server(where) else f"{where}: no server runs")


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
    rate: Annotated[
        float, typer.Option("--known-answer-rate", help="Beside footage: the simulated share.")
    ] = 0.2,
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
            known_answer_rate=rate,
            hide_faces=hide_faces,
        )
        on_source = stack.enter_context(_progress("clips"))
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
    _show([{"kind": kind, "tasks": n} for kind, n in kinds.items()], as_json)


@label_app.command("push")
def label_push(
    folder: Tasks,
    name: Campaign = None,
    url: Url = None,
    data_dir: DataDir = None,
    annotators: Annotated[int, typer.Option(help="How many answer each task.")] = 1,
    as_json: Json = False,
) -> None:
    """Bring tasks to a server, one project a kind; what is there already is left alone."""
    from labeling.folder import read_label_folder
    from labeling.push import push

    tasks = read_label_folder(folder)
    with _label_client(url, data_dir) as client, _progress("tasks") as on_task:
        pushed = push(
            tasks, client, name or _title(folder), annotators_per_task=annotators, on_task=on_task
        )
    rows = [{"kind": p.kind, "new": p.n_new, "there": p.n_there, "at": p.link} for p in pushed]
    _show(rows, as_json)


@label_app.command("pull")
def label_pull(
    folder: Tasks,
    name: Campaign = None,
    url: Url = None,
    data_dir: DataDir = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on as annotators answer, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring what annotators answered back; what could not be read is listed with its link."""
    from labeling import live
    from labeling.folder import read_label_folder
    from labeling.pull import pull

    tasks = read_label_folder(folder)
    with _label_client(url, data_dir) as client:
        if not follow:
            with _spinner("reading answers") as on_line:
                pulled = pull(
                    tasks, client, name or _title(folder), lambda n: on_line(f"{n} tasks")
                )
            return _show_pulled(pulled, as_json)
        stop = threading.Event()
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        live.follow(
            tasks,
            client,
            name or _title(folder),
            on_pull=lambda pulled: _show_pulled(pulled, as_json),
            stop=stop,
        )


@label_app.command("agree")
def label_agree(folder: Tasks, output: Output, as_json: Json = False) -> None:
    """Say how far to trust the labels that were pulled: people, agreement, what to review."""
    from labeling.folder import read_label_folder
    from labeling.report import write_trust
    from labeling.trust import assess

    trust = assess(read_label_folder(folder))
    page = write_trust(trust, output)
    rows = [
        {"annotator": p.name, "answered": p.n_annotations, "skipped": p.n_skipped}
        | {f"agrees on {kind}": interval.value for kind, interval in p.agreement.items()}
        for p in trust.annotators
    ]
    _show(rows, as_json)
    if not as_json:
        print(f"see {page}")


def _label_client(url: str | None, data_dir: Path | None) -> Any:
    """Connect to the server at an address, or to the one that `label up` started."""
    from labeling.client import Client
    from labeling.server import default_data_dir, read_credentials, running_server

    if url is None:
        where = data_dir or default_data_dir()
        running = running_server(where)
        if running is None:
            raise FormbenchError(
                f"{where}: no server runs; start one with `workbench label up`, or name one "
                "with --url"
            )
        return Client(running.url, read_credentials(running.data_dir).token)
    token = os.environ.get("LABEL_STUDIO_API_KEY", "")
    if not token and sys.stdin.isatty():
        token = typer.prompt("Token, from Account & Settings there", hide_input=True)
    return Client(url, token)


def _title(folder: Path) -> str:
    return folder.resolve().name


def _show_pulled(pulled: Sequence[Any], as_json: bool) -> None:
    if as_json:
        return _show([asdict(one) for one in pulled], as_json)
    counts = [
        {"kind": p.kind, "answers": p.n_annotations, "tasks changed": p.n_changed_tasks}
        | {"tasks gone": len(p.gone), "not read": len(p.rejected)}
        for p in pulled
    ]
    _show(counts, as_json)
    for one in pulled:
        for bad in one.rejected:
            print(f"not read: {bad.problem}; {bad.annotator}, {bad.link}")
        for link in one.foreign:
            print(f"not of this folder: {link}")


@app.command()
def poses(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A video, or a folder of OpenPose JSON.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The .npz to write.")],
    fps: Annotated[float | None, typer.Option(help="Of OpenPose's files.")] = None,
    world: Annotated[
        bool, typer.Option("--world", help="MediaPipe's metres in place of its pixels.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Find the person in a video with MediaPipe, or read what OpenPose found."""
    from scoring.estimators.arrays import write_poses
    from scoring.estimators.mediapipe import seen_poses
    from scoring.estimators.openpose import read_openpose
    from simulator.rendering.video import count_frames, read_video

    if source.is_dir():
        if fps is None:
            raise FormbenchError(f"{source}: OpenPose's files do not say their fps: give --fps")
        found = read_openpose(source, fps)
    else:
        video, n_frames = read_video(source), count_frames(source)
        with _progress("frames") as on_frame:
            seen = seen_poses(_told(video.frames, n_frames, on_frame), video.fps)
        found = seen.world if world else seen.image
    write_poses(found, output)
    shown = float((found.confidence > 0).any(axis=1).mean())
    row = {"poses": str(output), "frames": found.n_frames, "fps": found.fps}
    _show([row | {"by": found.source, "frames with the person": shown}], as_json)


@app.command()
def repetitions(
    poses: Annotated[Path, typer.Argument(metavar="POSES", help="What `poses` wrote, or an .npy.")],
    fps: Annotated[float | None, typer.Option(help="Where the file does not say.")] = None,
    convention: Annotated[str | None, typer.Option(help="Of keypoints: coco17, ...")] = None,
    as_json: Json = False,
) -> None:
    """Say where the repetitions of one exercise begin and end, by the way that moves most."""
    from scoring.estimators.arrays import read_poses
    from scoring.methods.repetitions import find_repetitions

    found = find_repetitions(read_poses(poses, fps=fps, convention_name=convention))
    rows = [{"repetition": n, **asdict(span)} for n, span in enumerate(found, 1)]
    _show(rows, as_json, f"{poses}: no repetition")


@app.command()
def score(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A video, or poses.")],
    reference: Annotated[
        list[Path] | None,
        typer.Option(
            help="A good execution seen from the same side; the first repetition if none."
        ),
    ] = None,
    scorer: Annotated[str, typer.Option(help="As for evaluate.")] = "dtw",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="An annotated video to write, .mp4.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find the repetitions of a recording and score each against good ones."""
    from scoring.annotate import write_annotated
    from scoring.contract import load_scorer
    from scoring.pipeline import judge

    recording, *good = [_poses_of(path) for path in (source, *(reference or ()))]
    judged = judge(recording, load_scorer(scorer), good)
    if output is not None:
        with _progress("frames") as on_frame:
            write_annotated(source, recording, judged, output, on_frame)
    rows = [
        {"repetition": rep.number, **asdict(rep.span), "score": rep.verdict.score}
        | {"good": rep.verdict.good, "farthest off": rep.worst_joint or rep.verdict.abstained}
        for rep in judged
    ]
    _show(rows, as_json)


def _poses_of(path: Path) -> Any:
    """Return the poses in a file: those that it holds, or those that MediaPipe sees in a video."""
    from scoring.estimators.arrays import read_poses
    from scoring.estimators.mediapipe import seen_poses
    from simulator.rendering.video import count_frames, read_video

    if path.suffix in (".npz", ".npy"):
        return read_poses(path)
    video, n_frames = read_video(path), count_frames(path)
    with _progress(f"frames of {path.name}") as on_frame:
        return seen_poses(_told(video.frames, n_frames, on_frame), video.fps).image


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="What `poses` wrote, or an .npy.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another execution.")],
    output: Output,
    rep: Annotated[
        int | None, typer.Option(help="Compare this repetition of each, from 1.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Where the files do not say.")] = None,
    convention: Annotated[str | None, typer.Option(help="Of keypoints: coco17, ...")] = None,
    as_json: Json = False,
) -> None:
    """Compare two executions joint by joint, with curves, by dynamic time warping."""
    from scoring.comparison import write_comparison
    from scoring.estimators.arrays import read_poses
    from scoring.methods.repetitions import cut_repetition

    read = [read_poses(path, fps=fps, convention_name=convention) for path in (first, second)]
    if rep is not None:
        read = [cut_repetition(sequence, rep) for sequence in read]
    found = write_comparison(read[0], read[1], output, (first.stem, second.stem))
    _show([asdict(joint) for joint in found.joints], as_json)
    if not as_json:
        print(f"median {found.median_px:.1f} px; together {found.torso:.3f} torso lengths; "
              f"see {output / 'comparison.html'}")  # fmt: skip


@app.command("check-scorer")
def check_scorer_(
    scorer: Annotated[str, typer.Argument(metavar="SCORER", help="As for evaluate.")],
    as_json: Json = False,
) -> None:
    """Try a scorer on made-up squats, and say what of a verdict it fills."""
    from scoring.contract import METRICS, check_scorer, load_scorer

    filled = check_scorer(load_scorer(scorer))
    _show([{"fills": name, "qualifies for": METRICS[name]} for name in filled], as_json)


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A dataset's folder.")],
    output: Output,
    scorer: Annotated[
        list[str] | None,
        typer.Option(
            help="A name, module:attribute, cmd:COMMAND, http://..., or file:PREDICTIONS; "
            "repeat for more."
        ),
    ] = None,
    share: Share = 0.3,
    seed: Seed = 0,
    requests_only: Annotated[
        bool, typer.Option("--requests-only", help="Write what scorers would be asked, no more.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which faults scorers see, from where, and how surely.

    Scorers learn from clean repetitions of some people and judge the others. An AUROC of 1 tells
    every faulty repetition from every clean one, 0.5 none.
    """
    from export.dataset import read_dataset
    from scoring.evaluation import evaluate as scoring
    from scoring.evaluation.material import material, write_requests

    dataset = read_dataset(data)
    with _progress("clips") as on_clip:
        if requests_only:
            given = material(dataset, seed=seed, validation_share=share, on_clip=on_clip)
            n_good, n_judge = write_requests(given, output)
        else:
            results = scoring.evaluate(
                dataset, scorer or [], output, seed=seed, validation_share=share, on_clip=on_clip
            )
    if requests_only:
        return _show(
            [{"folder": str(output), "to learn from": n_good, "to judge": n_judge}], as_json
        )
    _show([asdict(row) for row in results.rows] if as_json else _by_view(results.rows), as_json)


@app.command("compare-results")
def compare_results_(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A results.json.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another one.")],
    drop: Annotated[float, typer.Option(help="How much lower an AUROC may be.")] = 0.02,
    other_scorer: Annotated[
        bool, typer.Option("--other-scorer", help="Compare one scorer with another.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which figures fell from one evaluation to another, as Markdown.

    The exit code is 1 where one fell by more than the drop and below the interval that it had.
    """
    from scoring.evaluation.compare import compare_results, to_markdown

    changes = compare_results(before, after, drop=drop, same_scorer=not other_scorer)
    if as_json:
        _show([asdict(change) for change in changes], as_json)
    else:
        print(to_markdown(changes), end="")
    if any(change.fell for change in changes):
        raise typer.Exit(1)


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="A folder.")] = Path("demo"),
    workers: Workers = None,
) -> None:
    """Go all the way on a small scale, and say where to look.

    What is there already is kept: after a stop the same command goes on.
    """
    dataset, crowd, report = output / "dataset", output / "crowd", output / "report"
    output.mkdir(parents=True, exist_ok=True)
    recordings = ["pybullet:jump", "pybullet:dance_a"]
    filmed = {"subjects": 2, "reps": 1, "render": "true", "recordings": recordings}
    counted = {"subjects": 8, "reps": 2, "render": "false", "recordings": []}
    for folder, wishes in ((dataset, filmed), (crowd, counted)):
        config = output / f"{folder.name}.yaml"
        config.write_text(DEMO.format(**wishes), encoding="utf-8")
        generate(config, folder, workers)
        verify(folder)
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
        evaluate(crowd, report, ["dtw", "dtw-article"], share=0.5)
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
    _show(rows, as_json=False)


@app.command()
def setup(
    name: Annotated[str, typer.Argument(metavar="mediapipe|label-studio", help="What to set up.")],
) -> None:
    """Install a tool that needs a Python environment of its own; once."""
    from simulator.environments import make_environment

    with _spinner(f"setting up {name}") as on_line:
        folder = make_environment(name, on_line)
    print(f"{name} is ready in {folder}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Try what works on this machine.

    The exit code is 1 when something does not work that generating a dataset needs.
    """
    from simulator.doctor import CHECKS, examine

    with _progress("checks") as on_check:
        findings = examine(CHECKS, on_check)
    _show([asdict(finding) for finding in findings], as_json)
    if any(finding.core and not finding.works for finding in findings):
        raise typer.Exit(1)


def _read_config(path: Path, keypoints_only: bool) -> Any:
    from simulator.config import read_config

    wanted = read_config(path)
    return wanted.model_copy(update={"render": False}) if keypoints_only else wanted


def _by_view(rows: Sequence[Any]) -> list[Row]:
    """Return AUROC and interval of each scorer and fault, one column a view."""
    views = dict.fromkeys(row.view for row in rows)
    table: dict[tuple[str, ...], Row] = {}
    for row in rows:
        figure, fault = row.auroc, row.fault_id
        about = {
            "scorer": row.scorer,
            "fault": f"{row.exercise}, any" if fault == "any" else fault,
        }
        cell = "" if figure.value is None else f"{figure.value:.2f}"
        if figure.low is not None:
            cell += f" [{figure.low:.2f}, {figure.high:.2f}]"
        table.setdefault(tuple(about.values()), about | dict.fromkeys(views, ""))[row.view] = cell
    return list(table.values())


def _reading_row(path: Path, reading: Any) -> Row:
    motion, doubts = reading.motion, list(reading.doubts)
    doubts += [f"{name} filled in {share:.1%} of frames" for name, share in reading.filled.items()]
    about = {"motion": str(path), "format": reading.format, "frames": motion.n_frames}
    found = {"fps": motion.fps, "repetitions": len(motion.reps), "up": str(reading.up)}
    return about | found | {"floor_m": reading.floor_height, "doubts": doubts}


def _size_px(size: str | None) -> tuple[int, int] | None:
    if size is None:
        return None
    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise FormbenchError(f"--size: expected width x height such as 640x480, got {size!r}")
    return int(width), int(height)


def _side_row(side: str, rows: Sequence[Any]) -> Row:
    people = {row.subject_id for row in rows}
    real = sum(row.origin == "real" for row in rows)
    return {"side": side, "subjects": len(people), "clips": len(rows), "real": real}


def _fields(value: object, *names: str) -> Row:
    return {name: getattr(value, name) for name in names}


def _show(rows: Sequence[Row], as_json: bool, when_empty: str = "") -> None:
    """Print rows of equal keys as a table, or as a JSON list."""
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    if not rows:
        print(when_empty)
        return
    lines = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return ", ".join(map(_cell, value))
        case _:
            return str(value)


def _told(
    things: Iterable[Thing], total: int, on_one: Callable[[int, int], None]
) -> Iterator[Thing]:
    """Pass things on, and tell how many of how many were."""
    for done, one in enumerate(things, 1):
        yield one
        on_one(done, total)


@contextmanager
def _progress(things: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the time left while work tells how many of how many are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeLeft()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(things, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _spinner(title: str) -> Iterator[Callable[[str], None]]:
    """Show that work goes on, with the last line that it said."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status(title) as status:
        yield lambda line: status.update(f"{title}: {escape(line[: console.width - 20])}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    try:
        app(arguments)
    except FormbenchError as error:
        _fail(str(error))
    except OSError as error:
        if error.errno not in _MENDABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        _fail(where + _MENDABLE[error.errno])


def _fail(message: str) -> None:
    print(f"workbench: {message}", file=sys.stderr)
    sys.exit(1)
