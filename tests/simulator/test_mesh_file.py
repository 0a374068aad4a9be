from pathlib import Path

import numpy as np
import pytest
import trimesh

from motions.errors import FormbenchError
from simulator.config import parse_config
from simulator.make import make_clip
from simulator.plan import plan
from simulator.rendering.mesh_file import FORMATS, mesh_of_file
from simulator.rendering.stick import StickRenderer

BASE = {
    "seed": 5, "exercises": ["squat"], "body": "stick", "reps": 1, "fps": 10,
    "cameras": {"width_px": 96, "height_px": 64},
}  # fmt: skip


@pytest.fixture
def column(tmp_path: Path) -> dict[str, Path]:
    """A column, 0.4 m wide and 1.5 m high, far from the origin, in a file of each format."""
    upright = trimesh.creation.box((0.4, 0.4, 1.5))
    upright.apply_translation((3.0, -2.0, 7.0))
    y_up = upright.copy()
    y_up.apply_transform([[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    paths = {ending: tmp_path / f"column{ending}" for ending in FORMATS}
    for ending, path in paths.items():
        (y_up if ending == ".glb" else upright).export(path)
    return paths


@pytest.mark.parametrize("ending", FORMATS)
def test_a_thing_of_any_format_stands_upright_on_the_floor(column, ending):
    mesh = mesh_of_file(str(column[ending]))
    low, high = mesh.vertices_m.min(axis=0), mesh.vertices_m.max(axis=0)
    corners = mesh.vertices_m[mesh.faces].astype(float)

    np.testing.assert_allclose([low, high], [[-0.2, -0.2, 0], [0.2, 0.2, 1.5]], atol=1e-6)
    # Faces look outwards: the tetrahedra they make with the origin fill the box.
    volume = np.einsum("fi,fi->f", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume == pytest.approx(0.4 * 0.4 * 1.5, abs=1e-6)


def test_things_of_the_user_stand_in_the_room_and_their_licence_travels(column, tmp_path):
    files = [
        {"file": str(column[".glb"]), "licence": "CC-BY-4.0"},
        {"file": str(column[".stl"]), "licence": "CC-BY-NC-4.0"},
    ]
    wanted = {"things": 4, "thing_files": files}
    planned = plan(parse_config({**BASE, "render": wanted}, "x"), 0)
    (tmp_path / "clip").mkdir()
    clip = make_clip(planned, StickRenderer(), tmp_path / "clip")

    assert {thing.kind for thing in planned.things} == {entry["file"] for entry in files}
    lineage = [clip.licences[f"thing {number}"] for number in (1, 2, 3, 4)]
    assert lineage == [thing.licence for thing in planned.things]
    assert set(lineage) == {"CC-BY-4.0", "CC-BY-NC-4.0"}
    assert max(view.occluded.max() for view in clip.views) > 0.05


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("none.glb", None, "no such file"),
        ("thing.blend", b"", "expected one of .glb, .obj"),
        ("thing.glb", b"no mesh", "not a mesh that can be read"),
        ("thing.obj", b"v 0 0 0\n", "expected 1 to 200000 faces, got 0|not a mesh"),
        ("thing.obj", b"v 0 0 0\nv 9 0 0\nv 0 9 0\nf 1 2 3\n", "got 9; is it in another unit"),
    ],
)
def test_what_is_no_thing_stops_before_any_work(tmp_path, name, data, message):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    entry = {"file": str(tmp_path / name), "licence": "MIT"}

    with pytest.raises(FormbenchError, match=message):
        parse_config({**BASE, "render": {"things": 1, "thing_files": [entry]}}, "x")


def test_files_without_a_number_of_things_are_refused(column):
    entry = {"file": str(column[".ply"]), "licence": "MIT"}

    with pytest.raises(FormbenchError, match="thing_files: expected things"):
        parse_config({**BASE, "render": {"thing_files": [entry]}}, "x")
