from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from motions.errors import FormbenchError
from simulator.rendering.video import (
    LOSSLESS,
    LosslessWriter,
    VideoWriter,
    count_frames,
    read_lossless,
    read_video,
)

SIZE = 256, 128


def numbered(index):
    """A grey frame with its number burnt in as eight black or white columns, lowest bit first."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 128, dtype=np.uint8)
    for bit in range(8):
        rgb[:, bit * 32 : (bit + 1) * 32] = 255 if index >> bit & 1 else 0
    return rgb


def number_of(rgb):
    return sum(1 << bit for bit in range(8) if rgb[64, bit * 32 + 16].mean() > 128)


def written(path, n_frames, fps=30.0):
    with VideoWriter(path, *SIZE, fps) as writer:
        for index in range(n_frames):
            writer.write(numbered(index))
    return path


@pytest.mark.parametrize("n_frames", [1, 2, 29, 75])
def test_every_frame_comes_back_once_and_in_order(tmp_path, n_frames):
    path = written(tmp_path / "a.mp4", n_frames)

    assert [number_of(rgb) for rgb in read_video(path).frames] == list(range(n_frames))
    assert count_frames(path) == n_frames


@pytest.mark.parametrize("fps", [30.0, 29.97, 30000 / 1001, 24.0, 23.976, 59.94, 120.0, 12.5])
def test_the_frame_rate_is_exact_and_constant_and_time_starts_at_zero(tmp_path, fps):
    path = written(tmp_path / "a.mp4", 13, fps)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        times_s = [picture.pts * stream.time_base for picture in container.decode(stream)]
        start_time = stream.start_time

    assert read_video(path).fps == fps
    assert start_time == 0
    assert times_s[0] == 0
    steps_s = {later - earlier for earlier, later in pairwise(times_s)}
    assert steps_s == {1 / Fraction(fps).limit_denominator(1001)}


def test_colours_survive_and_are_tagged_as_bt709_limited(tmp_path):
    colours = np.array(
        [
            [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]],
            [[0, 0, 0], [128, 128, 128], [224, 172, 105], [60, 90, 160]],
        ],
        dtype=np.uint8,
    )
    path = tmp_path / "a.mp4"
    with VideoWriter(path, *SIZE, 30.0) as writer:
        writer.write(np.kron(colours, np.ones((64, 64, 1), dtype=np.uint8)))
    (rgb,) = read_video(path).frames
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
        yuv = picture.to_ndarray()
        context = container.streams.video[0].codec_context
        tags = (context.colorspace, context.color_range, picture.format.name)

    assert np.abs(rgb[32::64, 32::64].astype(int) - colours).max() <= 3
    # BT.709 luma of pure red, green and blue: 16 + 219 * (0.2126, 0.7152, 0.0722).
    assert yuv[32, 32:192:64].tolist() == pytest.approx([62.6, 172.6, 31.8], abs=1.5)
    assert tags == (1, 1, "yuv420p")  # 1 is BT.709, 1 is limited ("MPEG")


def test_the_same_frames_give_the_same_bytes_with_no_name_of_the_encoder(tmp_path):
    first = written(tmp_path / "a.mp4", 40).read_bytes()
    second = written(tmp_path / "b.mp4", 40).read_bytes()

    assert first == second
    assert b"x264" not in first
    assert b"Lavf" not in first
    assert b"Lavc" not in first


def test_the_index_comes_first_and_key_frames_every_second(tmp_path):
    path = written(tmp_path / "a.mp4", 61, 30.0)
    head = path.read_bytes()
    with av.open(str(path)) as container:
        keys = [i for i, picture in enumerate(container.decode(video=0)) if picture.key_frame]

    assert head.index(b"moov") < head.index(b"mdat")
    assert keys == [0, 30, 60]


@pytest.mark.parametrize(
    ("size", "fps", "message"),
    [
        ((255, 128), 30.0, "expected even width and height .* 255 x 128"),
        ((256, 0), 30.0, "got 256 x 0"),
        ((256, 128), 0.0, "expected a positive frame rate, got 0.0"),
    ],
)
def test_a_size_or_rate_that_h264_cannot_carry_is_refused(tmp_path, size, fps, message):
    with pytest.raises(FormbenchError, match=message):
        VideoWriter(tmp_path / "a.mp4", *size, fps)

    assert not (tmp_path / "a.mp4").exists()


def test_a_frame_of_another_size_or_type_is_refused(tmp_path):
    with (
        pytest.raises(FormbenchError, match=r"expected a frame of shape \(128, 256, 3\) in uint8"),
        VideoWriter(tmp_path / "a.mp4", *SIZE, 30.0) as writer,
    ):
        writer.write(numbered(0).astype(float))


def test_a_video_without_frames_is_refused(tmp_path):
    with (
        pytest.raises(FormbenchError, match="expected at least one frame, got none"),
        VideoWriter(tmp_path / "a.mp4", *SIZE, 30.0),
    ):
        pass


def test_a_full_disk_is_one_clear_error():
    noise = np.random.default_rng(0).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    with (
        pytest.raises(FormbenchError, match=r"/dev/full: .*No space left on device"),
        VideoWriter("/dev/full", *SIZE, 30.0) as writer,
    ):
        for _ in range(100):
            writer.write(noise)


def test_what_is_not_a_video_is_refused(tmp_path):
    (tmp_path / "a.mp4").write_text("hello")

    with pytest.raises(FormbenchError, match=r"a\.mp4: not a video that can be read"):
        read_video(tmp_path / "a.mp4")
    with pytest.raises(FormbenchError, match=r"b\.mp4: not a video .*No such file"):
        count_frames(tmp_path / "b.mp4")
    with pytest.raises(FormbenchError, match="the video could not be written: No such file"):
        VideoWriter(tmp_path / "none" / "a.mp4", *SIZE, 30.0)


@pytest.mark.parametrize("pixel_format", LOSSLESS)
def test_lossless_pixels_come_back_as_they_were_and_the_bytes_are_the_same(tmp_path, pixel_format):
    dtype, channels = LOSSLESS[pixel_format]
    rng = np.random.default_rng(0)
    frames = rng.integers(0, np.iinfo(dtype).max, (4, 30, 41, *channels), dtype, endpoint=True)
    paths = [tmp_path / name for name in ("a.mkv", "b.mkv")]
    for path in paths:
        with LosslessWriter(path, 41, 30, 29.97, pixel_format) as writer:
            for frame in frames:
                writer.write(frame)

    assert np.array_equal(list(read_lossless(paths[0])), frames)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert count_frames(paths[0]) == 4


def test_lossless_pixels_of_another_type_are_refused(tmp_path):
    with LosslessWriter(tmp_path / "a.mkv", 4, 2, 30.0, "gray16le") as writer:
        with pytest.raises(FormbenchError, match=r"expected a frame of shape \(2, 4\) in uint16"):
            writer.write(np.zeros((2, 4), dtype=np.uint8))
        writer.write(np.zeros((2, 4), dtype=np.uint16))


@pytest.mark.parametrize(
    ("ending", "codec"),
    [("mov", "h264"), ("mkv", "h264"), ("webm", "vp9"), ("avi", "mpeg4"), ("ts", "mpeg2video"),
     ("wmv", "wmv2"), ("flv", "flv1"), ("mpg", "mpeg1video"), ("y4m", "rawvideo"),
     ("mjpeg", "mjpeg"), ("3gp", "h263")],
)  # fmt: skip
def test_videos_of_many_formats_are_read(tmp_path, ending, codec):
    path = tmp_path / f"video.{ending}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 176, 144
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for _ in range(5):
            grey = av.VideoFrame.from_ndarray(np.full((144, 176, 3), 90, np.uint8), format="rgb24")
            container.mux(stream.encode(grey))
        container.mux(stream.encode(None))

    frames = list(read_video(path).frames)

    assert {frame.shape for frame in frames} == {(144, 176, 3)}
    assert len(frames) >= 4
    assert np.abs(frames[1].astype(int) - 90).max() < 25


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.ffconcat", "ffconcat version 1.0\nfile there.mp4\n"),
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nthere.mp4\n#EXT-X-ENDLIST\n"),
    ],
)
def test_a_list_of_other_files_is_no_video(tmp_path, name, text):
    with VideoWriter(tmp_path / "there.mp4", 64, 48, 30.0) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    (tmp_path / name).write_text(text)

    with pytest.raises(FormbenchError, match="not a video that can be read"):
        read_video(tmp_path / name)


def test_a_device_is_taken_for_a_camera(tmp_path):
    with pytest.raises(FormbenchError, match="/dev/null: not a video that can be read"):
        read_video(Path("/dev/null"))
