"""The commands that train models on a dataset."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motions.errors import FormbenchError
from motions.terminal import Json, progress, show

if TYPE_CHECKING:
    import numpy as np

    from scoring.learning.examples import Take
    from scoring.learning.model_file import Model

app = typer.Typer()

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="A dataset's folder.")]
ModelFolder = Annotated[
    Path, typer.Option("-o", "--output", metavar="MODEL", help="A new or empty folder.")
]
Noise = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Of `train noise`: learn from what its estimator would see."),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data, at most.")]
TrainingSeed = Annotated[int, typer.Option(help="Decides weights, order and who is held back.")]


@app.command()
def boundaries(
    data: Data,
    output: ModelFolder,
    kind: Annotated[str, typer.Option(help="Of network: conv or gru.")] = "conv",
    noise: Noise = None,
    epochs: Epochs = 30,
    seed: TrainingSeed = 0,
    as_json: Json = False,
) -> None:
    """Learn where repetitions begin and end, for `repetitions` and `score`.

    Clips need no cameras: virtual ones look at the truth, anew in every epoch.
    """
    from scoring.learning.boundaries import train

    _train(train, data, output, noise, as_json, epochs=epochs, seed=seed, kind=kind)


@app.command()
def lifter(
    data: Data,
    output: ModelFolder,
    noise: Noise = None,
    unlabelled: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Learn also from image points without truth: .npz files of `poses`."
        ),
    ] = None,
    size: Annotated[
        str, typer.Option(metavar="WxH", help="Of the images that --unlabelled came from.")
    ] = "1280x720",
    epochs: Epochs = 100,
    seed: TrainingSeed = 0,
    as_json: Json = False,
) -> None:
    """Learn to put image points into space, for `poses --lift`.

    Clips need no cameras: virtual ones look at the truth, anew in every epoch.
    """
    from scoring.learning.lifter import train

    wishes: dict[str, Any] = {"epochs": epochs, "seed": seed}
    if unlabelled is not None:
        wishes["unlabelled"] = _without_truth(unlabelled, size)
    _train(train, data, output, noise, as_json, **wishes)


@app.command()
def faults(
    data: Data,
    output: ModelFolder,
    kind: Annotated[
        str, typer.Option(help="linear, on features, or network, on frames; see docs/training.md.")
    ] = "linear",
    noise: Noise = None,
    views: Annotated[
        int, typer.Option(min=0, help="Cameras for each repetition; 0 learns from points in space.")
    ] = 4,
    line: Annotated[
        str,
        typer.Option(
            help="Between good and bad: alarms, few good ones beyond it; or roc, "
            "fewest on the wrong side."
        ),
    ] = "alarms",
    convention: Annotated[
        str, typer.Option(help="Of keypoints: coco17, or in space also smpl22.")
    ] = "coco17",
    seed: TrainingSeed = 0,
    as_json: Json = False,
) -> None:
    """Learn the faults of one exercise, for `score --scorer model:MODEL` and `evaluate`.

    Clips need no cameras: virtual ones look at the truth. A side that does not show a fault is
    found out too, and nothing is said of the fault from there.
    """
    from export.dataset import read_dataset
    from scoring.estimators.simulated import read_noise
    from scoring.learning.examples import truly
    from scoring.learning.fault_examples import repetitions_of
    from scoring.learning.faults import train
    from scoring.learning.model_file import write_model

    dataset = read_dataset(data)
    see = truly if noise is None else read_noise(noise).see
    repetitions = repetitions_of(dataset, convention)
    with progress("repetitions, then epochs") as on_done:
        model = train(
            repetitions, dataset.content_sha256, kind=kind, see=see, n_views=views, line=line,
            seed=seed,
            on_done=on_done,
        )  # fmt: skip
    write_model(model, output)
    show([{"model": str(output), **model.metrics}], as_json)


@app.command("noise")
def noise_(
    data: Data,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="A .json.")],
    as_json: Json = False,
) -> None:
    """Learn how MediaPipe errs from videos whose truth is known, for `--noise`."""
    from export.dataset import read_dataset
    from scoring.estimators.noise_fit import fit_noise, observed
    from scoring.estimators.simulated import write_noise

    dataset = read_dataset(data)
    with progress("clips") as on_clip:
        fitted = fit_noise(list(observed(dataset, on_clip)), dataset.content_sha256)
    write_noise(fitted, output)
    row = {"noise": str(output), "of": fitted.source, "jitter lasts, s": float(fitted.fade_s)}
    show([row | {"nobody found": float(fitted.nobody.mean())}], as_json)


def _without_truth(folder: Path, size: str) -> "list[np.ndarray]":
    """Read all poses of a folder as the lifter sees them."""
    from scoring.estimators.arrays import read_poses
    from scoring.learning.lifter import unlabelled_inputs

    sides = size.split("x")
    if len(sides) != 2 or not all(side.isdecimal() and int(side) for side in sides):
        raise FormbenchError(f"--size: expected a width and height such as 1280x720, got {size}")
    files = sorted(folder.glob("*.npz"))
    if not files:
        raise FormbenchError(f"{folder}: expected .npz files of `workbench poses`, found none")
    width_px, height_px = (int(side) for side in sides)
    return unlabelled_inputs([read_poses(file) for file in files], width_px, height_px)


def _train(
    train: Callable[..., "Model"],
    data: Path,
    output: Path,
    noise: Path | None,
    as_json: bool,
    **wishes: Any,
) -> None:
    """Train on the takes of a dataset, write the model, and print how well it does."""
    from export.dataset import read_dataset
    from scoring.estimators.simulated import read_noise
    from scoring.learning.examples import takes_of
    from scoring.learning.model_file import write_model

    dataset = read_dataset(data)
    takes: Sequence[Take] = takes_of(dataset, fps=10.0)
    if noise is not None:
        wishes["see"] = read_noise(noise).see
    with progress("epochs") as on_epoch:
        model = train(takes, dataset.content_sha256, on_epoch=on_epoch, **wishes)
    write_model(model, output)
    show([{"model": str(output), **model.metrics}], as_json)
