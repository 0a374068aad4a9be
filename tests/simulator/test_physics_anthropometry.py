"""Bodies weigh what the table says."""

import numpy as np
import pytest
import trimesh

from motions.skeleton import SMPL22, swap_side
from simulator.bodies.library import build_body, sample_body
from simulator.bodies.stick import build_stick
from simulator.physics.anthropometry import DENSITY_KG_M3, mass_model
from simulator.physics.tpose import in_tpose


def weighed(body):
    return mass_model(body, in_tpose(body))


def test_a_body_weighs_its_volume_times_its_density():
    pose = in_tpose(build_stick())

    assert mass_model(build_stick(), pose).mass_kg == pytest.approx(DENSITY_KG_M3 * pose.volume_m3)


def test_volume_and_area_are_those_that_trimesh_finds():
    pose = in_tpose(build_stick())
    mesh = trimesh.Trimesh(pose.skin_m, pose.faces, process=False)

    assert pose.volume_m3 == pytest.approx(mesh.volume)
    assert pose.areas_m2.sum() == pytest.approx(mesh.area)


def test_the_volume_is_that_of_the_tubes():
    # A hexagonal tube of radius r and length l with two pyramids of height r on its ends.
    def tube_m3(radius_m, length_m):
        hexagon = 3 * np.sqrt(3) / 2 * radius_m**2
        return hexagon * (length_m + 2 * radius_m / 3)

    shins = 2 * tube_m3(0.05, 0.40)
    pose = in_tpose(build_stick())
    knees = [SMPL22.index("left_knee"), SMPL22.index("right_knee")]
    of_shins = np.isin(pose.owners[pose.faces], knees).all(axis=1)
    a, b, c = (pose.skin_m[pose.faces[of_shins, corner]] for corner in range(3))

    assert np.einsum("fi,fi->", a, np.cross(b, c)) / 6 == pytest.approx(shins)


@pytest.mark.parametrize(
    ("gender", "thigh", "head"),
    [(1.0, 0.1478 / 0.9996, 0.0668 / 0.9996), (0.0, 0.1416 / 1.0, 0.0694 / 1.0)],
)
def test_shares_are_those_of_the_table(gender, thigh, head):
    body = build_stick()
    object.__setattr__(body.params, "values", {"gender": gender})
    model = weighed(body)
    shares = model.masses_kg / model.mass_kg

    assert shares[SMPL22.index("left_hip")] == pytest.approx(thigh, rel=2e-3)
    assert shares[SMPL22.index("head")] == pytest.approx(head, rel=2e-3)


def test_a_mans_forearm_is_where_and_as_round_as_the_table_has_it():
    body = build_stick()
    object.__setattr__(body.params, "values", {"gender": 0.0})
    model = weighed(body)
    elbow = SMPL22.index("left_elbow")
    length_m = body.skeleton.offsets_m[SMPL22.index("left_wrist"), 0]

    assert model.centres_m[elbow] == pytest.approx([0.4574 * length_m, 0, 0])
    # Sagittal axis backwards, transverse up, longitudinal along the arm.
    about_xyz = model.masses_kg[elbow] * (np.array([0.121, 0.276, 0.265]) * length_m) ** 2
    assert np.diag(model.inertias_kg_m2[elbow]) == pytest.approx(about_xyz)


def test_left_is_the_mirror_image_of_right():
    model = weighed(build_stick(stature_m=1.8))
    mirror = [SMPL22.index(swap_side(name)) for name in SMPL22.joint_names]

    assert model.masses_kg[mirror] == pytest.approx(model.masses_kg)
    assert model.centres_m[mirror] * [-1, 1, 1] == pytest.approx(model.centres_m, abs=1e-7)
    assert np.abs(model.inertias_kg_m2[mirror]) == pytest.approx(np.abs(model.inertias_kg_m2))


@pytest.mark.anny
@pytest.mark.parametrize("seed", range(4))
def test_people_weigh_what_people_weigh(seed):
    body = build_body("anny", sample_body("anny", np.random.default_rng(seed)), grip=False)
    pose = in_tpose(body)
    model = mass_model(body, pose)
    centre_m = model.masses_kg @ (pose.joints_m + model.centres_m) / model.mass_kg
    above_sole_m = centre_m[2] + body.standing_pelvis_m

    assert 17 < model.mass_kg / body.height_m**2 < 32
    # Arms out: a few hundredths above the 0.55 to 0.57 of people at attention.
    assert 0.54 < above_sole_m / body.height_m < 0.61
