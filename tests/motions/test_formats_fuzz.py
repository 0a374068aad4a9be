"""Every reader on damaged files: one clear error that names the file, or a motion that is whole."""

import re
from pathlib import Path

import numpy as np
import pytest
from format_samples import ABOUT, FPS, write_samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from motions.errors import FormbenchError
from motions.formats.read import FORMATS
from motions.formats.reading import Hints

EXTREMES = (
    b"nan", b"inf", b"-1", b"0", b"1e9", b"1e308", b"1e-320", b"99999999999999999999", b"", b"x",
    b"1 2", b"null", b"[]", b"\xff",
)  # fmt: skip
NUMBER = re.compile(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    write_samples(folder)
    return folder


def sample(folder: Path, kind: str) -> tuple[bytes, Hints]:
    names = {"bvh": "sample.bvh", "amc": "sample_01.amc", "amass": "sample.npz",
             "deepmimic": "sample.txt", "c3d": "sample.c3d", "trc": "sample.trc",
             "opensim": "sample.mot", "keypoints": "sample.json"}  # fmt: skip
    hints = {"amc": Hints(fps=FPS, skeleton=folder / "sample.asf"), "trc": Hints(up="+y"),
             "keypoints": Hints(up="+z")}  # fmt: skip
    return (folder / names[kind]).read_bytes(), hints.get(kind, Hints())


def assert_error_or_motion(kind: str, path: Path, hints: Hints) -> None:
    try:
        motion = FORMATS[kind].read(path, ABOUT, hints).motion
    except FormbenchError as error:
        message = str(error)
        assert path.name in message or "sample" in message
        assert "\n" not in message
        return
    # What Motion checks itself: shapes, unit quaternions, finite numbers.
    assert np.abs(motion.joints_world_m).max() < 1e9
    np.testing.assert_allclose(motion.root_position_m[0, :2], 0, atol=1e-9)


EXAMPLES = 40
many = settings(
    max_examples=EXAMPLES,
    deadline=20_000,  # milliseconds: a hang, not a busy machine
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("kind", list(FORMATS))
@many
@given(data=st.data())
def test_numbers_that_were_replaced(folder, kind, data):
    whole, hints = sample(folder, kind)
    if kind in ("c3d", "amass"):
        return  # binary: see the flipped bytes
    spots = list(NUMBER.finditer(whole))
    # The first numbers are the header's, which do the most harm.
    index = data.draw(st.one_of(st.integers(0, 60), st.integers(0, len(spots) - 1)))
    spot = spots[min(index, len(spots) - 1)]
    damaged = whole[: spot.start()] + data.draw(st.sampled_from(EXTREMES)) + whole[spot.end() :]
    path = folder / f"damaged_{kind}"
    path.write_bytes(damaged)

    assert_error_or_motion(kind, path, hints)


@pytest.mark.parametrize("kind", list(FORMATS))
@many
@given(data=st.data())
def test_files_that_were_cut_short_or_have_a_piece_missing_or_twice(folder, kind, data):
    whole, hints = sample(folder, kind)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(
        st.one_of(st.just(len(whole)), st.integers(start, min(start + 200, len(whole))))
    )
    middle = data.draw(st.sampled_from([b"", whole[start:end] * 2]))
    path = folder / f"damaged_{kind}"
    path.write_bytes(whole[:start] + middle + whole[end:])

    assert_error_or_motion(kind, path, hints)


@pytest.mark.parametrize("kind", list(FORMATS))
@many
@given(data=st.data())
def test_bytes_that_were_flipped(folder, kind, data):
    whole, hints = sample(folder, kind)
    damaged = bytearray(whole)
    head = st.integers(0, min(2048, len(whole) - 1))
    for at in data.draw(st.lists(st.one_of(head, st.integers(0, len(whole) - 1)), max_size=4)):
        damaged[at] = data.draw(st.integers(0, 255))
    path = folder / f"damaged_{kind}"
    path.write_bytes(bytes(damaged))

    assert_error_or_motion(kind, path, hints)


@pytest.mark.parametrize("kind", list(FORMATS))
@many
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_files_of_anything(folder, kind, content):
    _, hints = sample(folder, kind)
    path = folder / f"damaged_{kind}"
    path.write_bytes(content)

    assert_error_or_motion(kind, path, hints)


@many
@given(data=st.data())
def test_skeletons_of_an_amc_that_were_damaged(folder, data):
    _, hints = sample(folder, "amc")
    whole = (folder / "sample.asf").read_bytes()
    words = list(re.finditer(rb"\S+", whole))
    one = words[data.draw(st.integers(0, len(words) - 1))]
    other = words[data.draw(st.integers(0, len(words) - 1))].group()
    new = data.draw(st.sampled_from([*EXTREMES, other, b"begin", b"end", b"root", b":root"]))
    path = folder / "damaged_sample.asf"
    path.write_bytes(whole[: one.start()] + new + whole[one.end() :])

    given_skeleton = Hints(fps=hints.fps, skeleton=path)
    assert_error_or_motion("amc", folder / "sample_01.amc", given_skeleton)


@pytest.mark.parametrize("kind", list(FORMATS))
def test_every_reader_refuses_every_other_formats_file(folder, kind):
    for other in FORMATS:
        whole, _ = sample(folder, other)
        path = folder / f"damaged_{kind}"
        path.write_bytes(whole)
        if other == kind:
            continue
        with pytest.raises(FormbenchError, match=path.name):
            FORMATS[kind].read(path, ABOUT, sample(folder, kind)[1])
