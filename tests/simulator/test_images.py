from pathlib import Path

import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.rendering.images import read_image, write_image


def gradient() -> np.ndarray:
    rows, columns = np.mgrid[:48, :64]
    return np.stack([rows * 5, columns * 3, rows + columns], axis=-1).astype(np.uint8)


def test_a_png_comes_back_to_the_bit(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", gradient())
    assert np.array_equal(read_image(tmp_path / "a.png"), gradient())


def test_a_jpeg_keeps_colours_in_their_channels(tmp_path: Path) -> None:
    write_image(tmp_path / "a.jpg", gradient())
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - gradient()).max() <= 8


def test_the_same_pixels_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        write_image(tmp_path / name, gradient())
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes()


@pytest.mark.parametrize("data", [b"", b"not a picture"])
def test_what_is_no_picture_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(FormbenchError, match=r"a\.jpg: not a picture that can be read"):
        read_image(tmp_path / "a.jpg")


def test_an_unknown_ending_and_a_grey_picture_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormbenchError, match=r"expected a name ending in \.jpg or \.png"):
        write_image(tmp_path / "a.bmp", gradient())
    with pytest.raises(FormbenchError, match=r"got \(48, 64\) in uint8"):
        write_image(tmp_path / "a.png", gradient()[..., 0])
