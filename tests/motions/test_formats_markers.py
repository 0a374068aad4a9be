"""Markers: Plug-in Gait by TRC and C3D, with ezc3d and c3d reading the same files."""

import struct
import warnings
from pathlib import Path

import c3d
import ezc3d
import numpy as np
import pytest
from format_samples import ABOUT, FPS, make_motion, plug_in_gait_markers, write_c3d

from motions.errors import FormbenchError
from motions.formats.c3d import read_c3d, read_markers
from motions.formats.markers import PLUG_IN_GAIT, points_of_markers
from motions.formats.reading import Hints
from motions.formats.trc import read_markers as read_trc_markers
from motions.formats.trc import read_trc, write_trc
from motions.measures import MEASURES
from motions.motion import Motion
from motions.skeleton import SMPL22


def squat() -> Motion:
    """The sample motion with little waving: markers do not tell how collars move."""
    return make_motion(n_frames=30, size=0.03)


def write_trc_of(markers: dict[str, np.ndarray], path: Path, fps: float = FPS) -> None:
    """Write markers as a TRC, blank where NaN."""
    n_frames = len(next(iter(markers.values())))
    lines = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"{fps}\t{fps}\t{n_frames}\t{len(markers)}\tmm",
        "Frame#\tTime\t" + "\t\t\t".join(markers) + "\t\t",
        "\t\t" + "\t".join(f"{a}{i}" for i in range(1, len(markers) + 1) for a in "XYZ"),
        "",
    ]
    for frame in range(n_frames):
        cells = [str(frame + 1), f"{frame / fps:.5f}"]
        for at in markers.values():
            cells += ["" if np.isnan(x) else f"{x:.5f}" for x in at[frame]]
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n")


def assert_is_the_squat(found: Motion) -> None:
    wanted = squat()
    for name, most_deg in (("knee_flexion", 0.4), ("elbow_flexion", 1.0), ("hip_flexion", 0.4)):
        apart = MEASURES[name](found.joints_world_m) - MEASURES[name](wanted.joints_world_m)
        assert np.rad2deg(np.abs(apart)).max() < most_deg, name
    relative = [m.joints_world_m - m.root_position_m[:, None] for m in (found, wanted)]
    assert np.linalg.norm(relative[0] - relative[1], axis=-1).max() < 0.02


def test_plug_in_gait_in_a_trc_gives_the_motion_back(tmp_path):
    write_trc_of(plug_in_gait_markers(squat()), tmp_path / "squat.trc")

    reading = read_trc(tmp_path / "squat.trc", ABOUT, Hints(up="+z"))

    assert_is_the_squat(reading.motion)
    assert reading.unused == ()
    np.testing.assert_allclose(reading.scale, 0.001, rtol=0.02)


def test_plug_in_gait_in_a_c3d_gives_the_motion_back(tmp_path):
    write_c3d(plug_in_gait_markers(squat()), FPS, tmp_path / "squat.c3d")

    reading = read_c3d(tmp_path / "squat.c3d", ABOUT, Hints())

    assert_is_the_squat(reading.motion)
    assert (reading.up, reading.doubts) == ("+z", ())  # the file says so
    assert reading.motion.fps == FPS


def test_markers_that_are_hidden_for_a_moment_are_filled_and_reported(tmp_path):
    markers = plug_in_gait_markers(squat()) | {"SPARE": np.ones((30, 3))}
    markers["LKNE"][10:16] = np.nan
    write_c3d(markers, FPS, tmp_path / "squat.c3d")
    write_trc_of(markers, tmp_path / "squat.trc")

    for reading in (
        read_c3d(tmp_path / "squat.c3d", ABOUT, Hints()),
        read_trc(tmp_path / "squat.trc", ABOUT, Hints(up="+z")),
    ):
        assert dict(reading.filled) == {"LKNE": 0.2}
        assert reading.unused == ("SPARE",)
        assert_is_the_squat(reading.motion)


def test_our_c3d_reader_agrees_with_ezc3d_and_c3d(tmp_path):
    markers = plug_in_gait_markers(squat())
    markers["LKNE"][10:16] = np.nan
    path = tmp_path / "squat.c3d"
    write_c3d(markers, FPS, path)

    ours, fps, up = read_markers(path)

    theirs = ezc3d.c3d(str(path))
    labels = theirs["parameters"]["POINT"]["LABELS"]["value"]
    assert (list(ours), fps, up) == (labels, FPS, "+z")
    for at, label in enumerate(labels):
        np.testing.assert_array_equal(ours[label], theirs["data"]["points"][:3, at].T)
    with warnings.catch_warnings(), path.open("rb") as file:
        warnings.simplefilter("ignore")  # c3d 0.6.0 remarks that there are no analogue data
        frames = np.stack([points for _, points, _ in c3d.Reader(file).read_frames()])
    for at, label in enumerate(labels):
        seen = frames[:, at, 3] >= 0
        np.testing.assert_array_equal(seen, ~np.isnan(ours[label]).any(axis=1))
        np.testing.assert_array_equal(ours[label][seen], frames[seen, at, :3])


def recode(data: bytes, to: str) -> bytes:
    """Rewrite a little-endian, floating C3D of ezc3d's for another processor, or as integers."""
    header, start = bytearray(data[:512]), (data[0] - 1) * 512
    parameters = bytearray(data[start : (struct.unpack_from("<H", data, 16)[0] - 1) * 512])
    rows = np.frombuffer(data[start + len(parameters) :], "<f4")
    if to == "integers":
        scale = 0.1
        struct.pack_into("<f", header, 12, scale)
        quads = rows.reshape(-1, 4).copy()
        quads[np.isnan(quads).any(axis=1), :] = [5, 5, 5, -1]
        body = np.round(np.column_stack([quads[:, :3] / scale, quads[:, 3]])).astype("<i2")
        return bytes(header) + data[512:start] + bytes(parameters) + body.tobytes()

    def real(raw: bytes) -> bytes:
        if to == "SGI":
            return np.frombuffer(raw, "<f4").astype(">f4").tobytes()
        halves = np.frombuffer((np.frombuffer(raw, "<f4") * 4).astype("<f4").tobytes(), "<u2")
        return halves.reshape(-1, 2)[:, ::-1].tobytes()

    def words(raw: bytes) -> bytes:
        return np.frombuffer(raw, "<u2").astype(">u2").tobytes() if to == "SGI" else raw

    header[2:12], header[16:20] = words(header[2:12]), words(header[16:20])
    header[12:16], header[20:24] = real(bytes(header[12:16])), real(bytes(header[20:24]))
    parameters[3] = {"DEC": 85, "SGI": 86}[to]
    at = 4
    while parameters[at] and parameters[at + 1]:
        at += 2 + abs(struct.unpack_from("b", parameters, at)[0])
        step = struct.unpack_from("<H", parameters, at)[0]
        parameters[at : at + 2] = words(bytes(parameters[at : at + 2]))
        if step == 0:
            break
        at += step
    return bytes(header) + data[512:start] + bytes(parameters) + real(rows.tobytes())


@pytest.mark.parametrize(("to", "atol"), [("DEC", 0.0), ("SGI", 0.0), ("integers", 0.05)])
def test_files_of_other_machines_hold_the_same(tmp_path, to, atol):
    markers = plug_in_gait_markers(squat())
    markers["LKNE"][10:16] = np.nan
    path = tmp_path / "intel.c3d"
    write_c3d(markers, FPS, path)
    (tmp_path / "other.c3d").write_bytes(recode(path.read_bytes(), to))

    wanted, fps, _ = read_markers(path)
    found, other_fps, _ = read_markers(tmp_path / "other.c3d")

    assert (list(found), other_fps) == (list(wanted), fps)
    for label, at in wanted.items():
        np.testing.assert_allclose(found[label], at, atol=atol, rtol=0, err_msg=label)


def test_a_c3d_that_was_cut_short_or_is_none_is_refused(tmp_path):
    path = tmp_path / "squat.c3d"
    write_c3d(plug_in_gait_markers(squat()), FPS, path)
    whole = path.read_bytes()
    for content, message in (
        (b"", "expected a C3D file"),
        (b"\x02\x50", "the file was cut short at byte 2"),
        (whole[:600], "the file was cut short at byte 600"),
        (whole[:15935], "the file was cut short at byte 15935"),  # one byte of the last number
        (whole[:515] + b"\x07" + whole[516:], "expected processor type 84, 85 or 86, got 7"),
        (whole[:8] + b"\0\0" + whole[10:], "header: 0 frames of 30 markers"),
        (whole[:20] + b"\0\0\0\0" + whole[24:], "expected 1 to 10000 frames a second, got 0"),
    ):
        path.write_bytes(content)
        with pytest.raises(FormbenchError) as caught:
            read_c3d(path, ABOUT, Hints())
        assert message in str(caught.value)


def test_a_written_trc_is_read_back(tmp_path):
    motion = make_motion()
    write_trc(motion, tmp_path / "joints.trc")

    markers, fps = read_trc_markers(tmp_path / "joints.trc")
    reading = read_trc(tmp_path / "joints.trc", ABOUT, Hints())

    assert (list(markers), fps) == (list(SMPL22.joint_names), motion.fps)
    wanted_mm = motion.joints_world_m[..., [0, 2, 1]] * [1000, 1000, -1000]  # y up
    np.testing.assert_allclose(np.stack(list(markers.values()), axis=1), wanted_mm, atol=1e-6)
    assert reading.up == "+y"
    relative = [m.joints_world_m - m.root_position_m[:, None] for m in (reading.motion, motion)]
    np.testing.assert_allclose(relative[0], relative[1], atol=1e-6)


def test_pose2sims_names_are_known(tmp_path):
    motion = squat()
    joints = dict(zip(SMPL22.joint_names, np.moveaxis(motion.joints_world_m, 1, 0), strict=True))
    parts = {"hip": "Hip", "knee": "Knee", "ankle": "Ankle", "foot": "BigToe",
             "shoulder": "Shoulder", "elbow": "Elbow", "wrist": "Wrist"}  # fmt: skip
    markers = {
        side[0].upper() + name: joints[f"{side}_{part}"] * 1000
        for side in ("left", "right")
        for part, name in parts.items()
    }
    write_trc_of(markers | {"Neck": joints["neck"] * 1000}, tmp_path / "a.trc")

    reading = read_trc(tmp_path / "a.trc", ABOUT, Hints(up="+z"))

    found, wanted = (MEASURES["knee_flexion"](m.joints_world_m) for m in (reading.motion, motion))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert reading.unused == ("Neck",)


def test_markers_of_no_known_set_are_named_with_the_way_out():
    still = np.zeros((5, 3))
    most = dict.fromkeys(PLUG_IN_GAIT, still)
    most.pop("LKNE")

    with pytest.raises(FormbenchError, match=r"no marker for LKNE\. .* 'left_knee: LKJC'"):
        points_of_markers("a.trc", most, 30.0, None)
    with pytest.raises(FormbenchError, match=r"marker of the name map: no 'LKJC'"):
        points_of_markers("a.trc", most, 30.0, {"left_knee": "LKJC"})
    with pytest.raises(FormbenchError, match=r"no marker for left_hip, left_ankle"):
        points_of_markers("a.trc", most, 30.0, {"left_knee": "LANK"})


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PathFileType", "Path", "expected a TRC file"),
        ("\t2\tmm", "\t3\tmm", "a.trc:4: expected 3 different marker names, got 2: A, B"),
        ("\t2\tmm", "\t2\tft", "a.trc:3: expected a unit of"),
        ("\t2\tmm", "\t2", "a.trc:3: no value for Units"),
        ("30.0\t30.0\t3", "30.0\t30.0\t4", "a.trc:3: says 4 frames, the file has 3"),
        ("30.0\t30.0\t3", "0\t30.0\t3", "expected 1 to 10000 frames a second, got 0"),
        ("30.0\t30.0\t3", "60\t30.0\t3", "says 60 frames a second, but its times go by 29.9985"),
        ("30.0\t30.0\t3", "30.0\t30.0\tx", "a.trc:3: expected a number"),
        ("1.00000\t2.00000", "1.00000", "a.trc:7: expected 8 cells, got 7"),
        ("1.00000\t2.00000", "1.00000\tinf", "a.trc:7: expected a number"),
        ("A\t\t\tB", "A\t\t\tA", "expected 2 different marker names"),
        ("", "", "no marker for"),
    ],
)  # fmt: skip
def test_a_damaged_trc_is_named_with_its_line(tmp_path, old, new, message):
    path = tmp_path / "a.trc"
    write_trc_of({"A": np.full((3, 3), [1.0, 2, 3]), "B": np.full((3, 3), 4.0)}, path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(FormbenchError) as caught:
        read_trc(path, ABOUT, Hints())

    assert message in str(caught.value)
