"""Every figure that proves a retargeting, those too that take longer than the retargeting."""

from motions.limb_geometry import LEG_M
from motions.motion import Motion
from motions.skeleton import SMPL22, STANDING_PELVIS_M
from motions.trunk import trunk_direction, with_trunk_towards
from simulator.bodies.stick import CANONICAL_HEIGHT_M, build_stick
from simulator.fidelity import joint_fidelity
from simulator.performance import Performance
from simulator.retarget import retarget
from simulator.skin_fidelity import bench_depth_m, self_figures


def proof(performance: Performance) -> dict[str, float]:
    """Return the metrics of a performance, how deep it is in things, and the round trip."""
    return {
        **performance.metrics,
        "bench_penetration_max_m": bench_depth_m(performance),
        **self_figures(performance),
        **round_trip(performance),
    }


def round_trip(performance: Performance) -> dict[str, float]:
    """Put what a body does back on the source's skeleton, and compare with the source."""
    body, source = performance.body, performance.motion
    scale = body.leg_m / LEG_M
    height_m = body.standing_pelvis_m - scale * STANDING_PELVIS_M
    # The source's skeleton takes the body's trunk as it is, not its vertebrae.
    trunk = trunk_direction(performance.joints_world_m, body.skeleton)
    world_wxyz = with_trunk_towards(SMPL22, performance.world_wxyz, trunk)
    back = retarget(
        Motion(
            exercise=source.exercise,
            fps=source.fps,
            root_position_m=(performance.root_m - [0.0, 0.0, height_m]) / scale,
            joint_rotations_wxyz=SMPL22.local_rotations(world_wxyz),
            contacts=source.contacts,
            bench_m=source.bench_m,
        ),
        build_stick(stature_m=CANONICAL_HEIGHT_M),
        metrics=False,
    )
    fidelity = joint_fidelity(source, back.body, back.root_m, back.world_wxyz)
    return {
        "round_trip_angle_error_mean_deg": float(fidelity.angle_errors_deg.mean()),
        "round_trip_position_error_mean_m": float(fidelity.position_errors_m.mean()),
    }
