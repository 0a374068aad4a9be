"""Rerun recordings, read back by Rerun's own reader."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rerun.chunk import RrdReader

from export.viewing import write_recording
from motions.errors import FormbenchError
from simulator.clip import read_clip


@pytest.fixture
def recorded(dataset_folder: Path, tmp_path: Path) -> tuple[Any, dict[str, Any]]:
    """A clip, and by entity the columns that its recording has over time."""
    folder = dataset_folder / "clips" / "clip_000000"
    write_recording(folder, tmp_path / "clip.rrd")
    reader = RrdReader(tmp_path / "clip.rrd")
    batches = {
        chunk.entity_path: chunk.to_record_batch().to_pydict()
        for chunk in reader.stream().to_chunks()
        if not chunk.is_static
    }
    return read_clip(folder), batches


def test_joints_and_keypoints_are_the_clips(recorded: tuple[Any, dict[str, Any]]) -> None:
    clip, batches = recorded
    joints = np.array(batches["/world/joints"]["Points3D:positions"])
    np.testing.assert_allclose(joints, clip.joints_world_m, atol=1e-6)
    for view in clip.views:
        entity = batches[f"/world/{view.camera.name}/coco17"]
        points = np.array(entity["Points2D:positions"])
        np.testing.assert_allclose(points, view.keypoints_px["coco17"], rtol=1e-5)


def test_the_timeline_counts_the_frames_in_seconds(recorded: tuple[Any, dict[str, Any]]) -> None:
    clip, batches = recorded
    times_s = [value.total_seconds() for value in batches["/phase"]["clip"]]
    np.testing.assert_allclose(times_s, np.arange(clip.n_frames) / clip.fps, atol=1e-6)


def test_a_curve_has_a_fault_where_it_is_present(
    make_dataset: Callable[..., Path], make_clip: Callable[..., Any], tmp_path: Path
) -> None:
    clip = make_clip(clip_id="clip_000000", faults={"rounded_back": 35.0})
    folder = make_dataset([clip]) / "clips" / "clip_000000"
    write_recording(folder, tmp_path / "clip.rrd")
    reader = RrdReader(tmp_path / "clip.rrd")
    curves = {
        chunk.entity_path: np.ravel(chunk.to_record_batch().to_pydict()["Scalars:scalars"])
        for chunk in reader.stream().to_chunks()
        if chunk.entity_path.startswith("/faults/")
    }
    (fault,) = (f for f in clip.faults if f.present and f.rep == 0)
    frames = fault.span.frames(clip.fps, clip.n_frames)
    assert (curves["/faults/squat.rounded_back"][frames] == fault.severity).all()
    others = [values for name, values in curves.items() if name != "/faults/squat.rounded_back"]
    assert others and all(np.isnan(values).all() for values in others)


def test_without_rerun_the_way_to_it_is_told(
    dataset_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rerun", None)
    with pytest.raises(FormbenchError, match=r"pip install 'formbench\[view\]'"):
        write_recording(dataset_folder / "clips" / "clip_000000", tmp_path / "clip.rrd")
    assert not (tmp_path / "clip.rrd").exists()
