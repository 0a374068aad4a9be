from dataclasses import replace

import numpy as np
import pytest
import trimesh

from motions.conventions import MEDIAPIPE_33
from motions.errors import FormbenchError
from simulator.bodies.body import BODY_PARTS
from simulator.bodies.stick import build_stick
from simulator.rendering.looks import Mesh, cylinder, joined
from simulator.rendering.paint import PERSON, THING, coarse_faces, paint_person, paint_thing
from simulator.rendering.patterns import PATTERNS, Pattern, share_of
from simulator.rendering.scene import Prop


def test_every_face_keeps_its_place_and_has_the_colour_of_its_part(make_scene):
    body = build_stick()
    looks = make_scene().looks
    painted = paint_person(body, looks.part_rgb)
    source = np.concatenate([np.arange(len(body.rest_vertices_m)), painted.doubled])
    colours = np.array([looks.part_rgb[name] for name in BODY_PARTS])

    assert np.array_equal(source[painted.faces], body.faces)
    paint = painted.paint[painted.faces]
    assert (paint[..., 3] == PERSON).all()
    assert (painted.parts[painted.faces] == body.face_parts[:, None]).all()
    carried = np.take_along_axis(body.skin_weights, painted.segments[source, None] - 1, axis=1)
    assert (carried[:, 0] == body.skin_weights.max(axis=1)[source]).all()
    assert (paint[..., :3] == np.round(255 * colours[body.face_parts])[:, None]).all()


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_pattern_is_on_part_of_the_shirt_and_nowhere_else(make_scene, kind):
    body, part_rgb = build_stick(), make_scene().looks.part_rgb
    plain = paint_person(body, part_rgb).paint
    painted = paint_person(body, part_rgb, pattern=Pattern(kind, (1.0, 0.0, 1.0)))
    shirt = painted.parts == BODY_PARTS.index("shirt")
    changed = (painted.paint != plain).any(axis=1)

    assert 0 < changed[shirt].mean() < 1
    assert not changed[~shirt].any()
    assert (painted.paint[changed, :3] == [255, 0, 255]).all(axis=1).any()


def test_an_unknown_pattern_is_named():
    with pytest.raises(FormbenchError, match="stripe"):
        share_of(Pattern("stripe", (1.0, 0.0, 1.0)), build_stick())


def test_a_thing_has_one_colour_and_normals_that_point_outwards():
    mesh = cylinder(0.1, 0.5, n_sides=32)
    prop = Prop("bar", mesh.vertices_m, mesh.faces, (1.0, 0.5, 0.0), np.eye(4)[None])
    normals, paint = paint_thing(prop)

    assert (paint == [255, 128, 0, THING]).all()
    assert np.allclose(np.linalg.norm(normals, axis=1), 1)
    side = np.abs(normals[:, 0]) < 0.5
    outwards = mesh.vertices_m[side] * [0, 10, 10]
    assert (np.sum(normals[side] * outwards, axis=1) > 0.99).all()
    assert (np.abs(normals[~side, 0]) > 0.99).all()


def test_coarse_faces_are_fewer_and_nearly_the_same_surface():
    ball = trimesh.creation.icosphere(subdivisions=5, radius=0.5)
    coarse = coarse_faces(ball.vertices, ball.faces, cell_m=0.1)
    shape = trimesh.Trimesh(ball.vertices, coarse)

    assert len(coarse) < 0.15 * len(ball.faces)
    assert 0.93 < shape.volume / ball.volume < 1
    assert shape.is_winding_consistent


def test_cells_smaller_than_every_edge_change_nothing():
    ball = trimesh.creation.icosphere(subdivisions=2, radius=0.5)

    assert np.array_equal(coarse_faces(ball.vertices, ball.faces, cell_m=0.01), ball.faces)


def test_a_face_with_eyes_gets_irises_brows_and_lips(make_scene):
    """Two eyeballs on a flat face of skin, at the stick person's eyes; the mouth is below them."""
    stick = build_stick()
    joints = stick.rest_joints_m
    landmarks = dict(
        zip(
            MEDIAPIPE_33.keypoint_names,
            stick.rest_vertices_m[stick.keypoints["mediapipe33"].vertices],
            strict=True,
        )
    )
    x, z = np.meshgrid(np.linspace(-0.08, 0.08, 81), np.linspace(-0.06, 0.12, 91))
    face_m = np.stack([x, np.full_like(x, -0.09), z], axis=-1).reshape(-1, 3) + joints[15]
    corner = (np.arange(90)[:, None] * 81 + np.arange(80)).ravel()
    sheet = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + 82], axis=1),
            np.stack([corner, corner + 82, corner + 81], axis=1),
        ]
    )
    eyes = [
        trimesh.creation.icosphere(subdivisions=4, radius=0.012).apply_translation(landmarks[name])
        for name in ("left_eye", "right_eye")
    ]
    surface = joined(
        Mesh(stick.rest_vertices_m, np.zeros((0, 3), dtype=np.int32)),
        Mesh(face_m, sheet),
        *(Mesh(eye.vertices, eye.faces) for eye in eyes),
    )
    is_eye = np.arange(len(surface.faces)) >= len(sheet)
    body = replace(
        stick,
        rest_vertices_m=surface.vertices_m,
        rest_normals=np.tile([0.0, -1, 0], (len(surface.vertices_m), 1)),
        faces=surface.faces,
        face_parts=np.where(is_eye, BODY_PARTS.index("eyes"), BODY_PARTS.index("skin")),
        skin_weights=np.eye(22)[np.full(len(surface.vertices_m), 15)],
    )
    looks = make_scene().looks
    paint = paint_person(body, looks.part_rgb).paint[: len(surface.vertices_m), :3].astype(int)
    skin, hair, white = (
        np.round(255 * np.array(looks.part_rgb[name])) for name in ("skin", "hair", "eyes")
    )

    def at(point_m, forward_m=0.0, up_m=0.0):
        used = np.unique(surface.faces)
        off_m = surface.vertices_m[used] - point_m - np.array([0.0, -forward_m, up_m])
        return paint[used[np.linalg.norm(off_m, axis=1).argmin()]]

    eye_m = landmarks["left_eye"]
    mouth_m = (landmarks["mouth_left"] + landmarks["mouth_right"]) / 2
    assert (at(eye_m, forward_m=0.012) < 0.3 * white).all()
    assert (at(eye_m, up_m=0.012) == white).all()
    brow = at(eye_m, up_m=0.019)
    assert np.abs(brow - (0.3 * skin + 0.7 * hair)).max() <= 2
    lip = at(mouth_m)
    assert lip[0] - lip[1] > skin[0] - skin[1]
    assert (at(joints[15], forward_m=0.09, up_m=0.04) == skin).all()
