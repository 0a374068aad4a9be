"""The commands that make datasets, prove them and look at them."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from motions.storage import place
from motions.terminal import (
    Dataset,
    Json,
    Output,
    OutputFile,
    OutputPlace,
    Workers,
    progress,
    show,
)
from simulator.commands import (
    Address,
    EngineName,
    KeypointsOnly,
    Processes,
    read_dataset_config,
)

app = typer.Typer()


@app.command()
def generate(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file.")],
    output: OutputPlace,
    workers: Workers = None,
    keypoints_only: KeypointsOnly = False,
    shard: Annotated[
        str | None, typer.Option(help="Make part NUMBER/OF, such as 2/5; then merge.")
    ] = None,
    device: Annotated[
        int | None, typer.Option(min=0, help="Which graphics device draws, from 0.")
    ] = None,
    engine: Annotated[str, typer.Option(help="Where the work runs: local or ray.")] = "local",
    address: Address = None,
    gpus: Annotated[
        float, typer.Option(min=0, help="Share of a graphics card for each worker, on Ray.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Make a dataset from a config.

    Clips that are there are kept: after a stop the same command goes on, and ends with the same
    bytes. More subjects in the config add to a finished dataset. Clips that cannot be made are set
    aside, with the reason in DIR/failed; the exit code is then 2.
    """
    from export.dataset import seal_dataset
    from simulator import generate as simulator
    from simulator.engines.choice import engine_of
    from simulator.shards import parse_shard

    wanted = read_dataset_config(config, keypoints_only)
    part = parse_shard(shard) if shard else None
    where = engine_of(engine, workers, address, gpus)
    set_aside = 0
    try:
        with progress("clips") as on_clip:
            made = simulator.generate(
                wanted, output, on_clip=on_clip, shard=part, device=device, engine=where,
                on_set_aside=on_clip.set_aside,
            )  # fmt: skip
    except simulator.ClipsSetAside as error:
        print(f"workbench: {error}", file=sys.stderr)
        made, set_aside = error.made, error.clips
    with progress("clips sealed") as on_clip:
        dataset = seal_dataset(output, on_clip)
    counts = {"clips": len(dataset.rows), "made now": made, "set aside": set_aside}
    counts |= {"planned anew": 0, "beyond limits": 0}
    for row in dataset.rows:
        counts["planned anew"] += row.attempt > 0
        counts["beyond limits"] += bool(row.broken_limits)
    show([{"folder": str(output), **counts}], as_json)
    if set_aside:
        raise typer.Exit(2)


@app.command()
def merge(
    shards: Annotated[
        list[Path], typer.Argument(metavar="SHARD...", parser=place, help="All of one config.")
    ],
    output: OutputPlace,
    as_json: Json = False,
) -> None:
    """Put shards together: the same dataset, byte for byte, as one made in one go."""
    from export.dataset import seal_dataset
    from simulator import shards as simulator

    with progress("clips") as on_clip:
        simulator.merge(shards, output, on_clip)
    dataset = seal_dataset(output)
    row = {"folder": str(output), "clips": len(dataset.rows), "sha256": dataset.content_sha256}
    show([row], as_json)


@app.command()
def verify(folder: Dataset, as_json: Json = False) -> None:
    """Prove that a dataset's files are those of its manifest.

    Otherwise the files that differ are listed and the exit code is 1.
    """
    from export.dataset import verify_dataset

    found = verify_dataset(folder)
    states = ("missing", "changed", "extra")
    rows = [{"file": name, "is": state} for state in states for name in getattr(found, state)]
    show(rows, as_json, f"{folder}: all {found.n_files} files are those of the manifest")
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def audit(
    folder: Dataset,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write a page of HTML, too.")
    ] = None,
    engine: EngineName = None,
    workers: Processes = None,
    address: Address = None,
    as_json: Json = False,
) -> None:
    """Say whether the labels hold: what was asked for against what the bodies show.

    The exit code is 1 when one does not hold, and 2 where clips had to be set aside.
    """
    from export.audit import audit_dataset
    from export.audit_found import rows_by_fault
    from export.audit_report import verdict, write_audit
    from export.dataset import read_dataset
    from simulator.engines.choice import engine_if_asked
    from simulator.engines.engine import SetAside

    where = engine_if_asked(engine, workers, address)
    with progress("clips") as on_clip:
        found = audit_dataset(read_dataset(folder), where, on_clip)
    if output is not None:
        write_audit(found, output)
    if as_json:
        print(json.dumps(found.to_json(), indent=1))
    else:
        show(rows_by_fault(found), as_json)
        show([leak.plain for leak in found.listed_leaks()], as_json)
        show([asdict(broken) for broken in found.broken], as_json)
        print(verdict(found))
    if found.set_aside:
        raise SetAside(f"{found.set_aside} clips", folder / "failed")
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
    with progress("rows") as on_row:
        write_sheet([dataset.clip_folder(clip_id) for clip_id in shown], output, on_row=on_row)
    print(output)


@app.command()
def gallery(folder: Dataset, output: Output) -> None:
    """Write a page to look at a dataset: videos with the truth over them, and filters.

    It links to the dataset's videos, so keep the two folders as they lie.
    """
    from export.dataset import read_dataset
    from export.gallery import write_gallery

    with progress("clips") as on_clip:
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
