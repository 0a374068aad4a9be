"""Video files: H.264 in MP4 with a constant frame rate, exactly the frames that were written.

Colours are BT.709 in limited range, converted and tagged so. There are no B-frames and a key frame
every second, so that any player steps to the exact frame. One encoding thread and no version text
in the stream: the same frames give the same bytes. The preset was measured: 640 x 480 at over 400
frames a second on one core, colour conversion included, at less than half the size of the next
faster preset.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import av
import numpy as np
from av.bitstream import BitStreamFilterContext
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from motions.errors import FormbenchError

PRESET = "veryfast"
QUALITY_CRF = 20
_SEI = 6  # H.264 unit type of the encoder's version text


class VideoWriter:
    """Writes one video, frame by frame, as a context manager.

    The file is whole once the context was left without an error.

    Args:
        path: The file to write; overwritten.
        width_px: Image width, even.
        height_px: Image height, even.
        fps: Frames a second; kept exactly, so both 29.97 and 30000/1001 are what they say.

    Raises:
        FormbenchError: An odd size, a file that cannot be written, or a video without frames.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, fps: float) -> None:
        if width_px < 2 or height_px < 2 or width_px % 2 or height_px % 2:
            raise FormbenchError(
                f"{path}: expected even width and height (H.264 needs them), "
                f"got {width_px} x {height_px}"
            )
        if not 0 < fps < float("inf"):
            raise FormbenchError(f"{path}: expected a positive frame rate, got {fps}")
        self._path = path
        self._shape = (height_px, width_px, 3)
        self._n_frames = 0
        self._to_yuv = VideoReformatter()
        rate = Fraction(fps).limit_denominator(1001)
        self._container = av.open(
            str(path),
            "w",
            format="mp4",
            options={"movflags": "+faststart", "fflags": "+bitexact"},
        )
        self._stream = self._container.add_stream("libx264", rate=rate)
        encoder = self._stream.codec_context
        encoder.width, encoder.height, encoder.pix_fmt = width_px, height_px, "yuv420p"
        encoder.time_base = 1 / rate
        encoder.thread_count = 1
        encoder.max_b_frames = 0
        encoder.gop_size = max(1, round(fps))
        encoder.colorspace = Colorspace.ITU709
        encoder.color_range = ColorRange.MPEG
        encoder.color_primaries = ColorPrimaries.BT709
        encoder.color_trc = ColorTrc.BT709
        encoder.options = {
            "preset": PRESET,
            "crf": str(QUALITY_CRF),
            "sc_threshold": "0",  # key frames where they are expected, and nowhere else
            "rc-lookahead": "3",  # frames kept in memory: fewer is smaller and faster here
        }
        self._without_sei = BitStreamFilterContext(
            f"filter_units=remove_types={_SEI}", self._stream
        )
        try:
            self._container.start_encoding()
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def write(self, rgb: np.ndarray) -> None:
        """Append one frame. Shape (height, width, 3), uint8, sRGB."""
        if rgb.shape != self._shape or rgb.dtype != np.uint8:
            raise FormbenchError(
                f"{self._path}: expected a frame of shape {self._shape} in uint8, "
                f"got {rgb.shape} in {rgb.dtype}"
            )
        picture = self._to_yuv.reformat(
            av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
        )
        picture.pts = self._n_frames
        picture.time_base = self._stream.codec_context.time_base
        self._mux(picture)
        self._n_frames += 1

    def _mux(self, picture: av.VideoFrame | None) -> None:
        try:
            packets = list(self._stream.encode(picture))
            # The filter is flushed by None, as the encoder is.
            for packet in [*packets, None] if picture is None else packets:
                for lean in self._without_sei.filter(packet):
                    self._container.mux(lean)
        except av.FFmpegError as error:
            raise self._failed(error) from error

    def _failed(self, error: av.FFmpegError) -> FormbenchError:
        return FormbenchError(f"{self._path}: the video could not be written: {error.strerror}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                if self._n_frames == 0:
                    raise FormbenchError(f"{self._path}: expected at least one frame, got none")
                self._mux(None)
        finally:
            try:
                self._container.close()
            except av.FFmpegError as closing:
                if error is None:
                    raise self._failed(closing) from closing


class Video(NamedTuple):
    """A video opened for reading."""

    fps: float
    frames: Iterator[np.ndarray]
    """One after the other, upright, each (height, width, 3), uint8, sRGB."""


def read_video(path: Path) -> Video:
    """Open a video; its frames are decoded as they are asked for."""
    with _open(path) as container:
        fps = float(container.streams.video[0].average_rate)
    return Video(fps, _decoded(path))


def count_frames(path: Path) -> int:
    """Count the frames of a video without decoding them."""
    with _open(path) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def frame_times_s(path: Path) -> np.ndarray:
    """Return when each frame of a video is shown, from its first one on. Shape (T,).

    The frames are not decoded; those of a phone are rarely at equal distances.
    """
    with _open(path) as container:
        shown = (p for p in container.demux(video=0) if p.size > 0 and not p.is_discard)
        ticks = [packet.dts if packet.pts is None else packet.pts for packet in shown]
        if not ticks or None in ticks:
            raise FormbenchError(
                f"{path}: expected frames that say when they are shown, "
                f"got {len(ticks)} frames and {ticks.count(None)} without a time"
            )
        seconds = np.sort(np.array(ticks)) * float(container.streams.video[0].time_base)
    return seconds - seconds[0]


def _decoded(path: Path) -> Iterator[np.ndarray]:
    to_rgb = VideoReformatter()
    with _open(path) as container:
        try:
            for picture in container.decode(video=0):
                rgb = to_rgb.reformat(picture, format="rgb24", dst_color_range=ColorRange.JPEG)
                # Phones store the picture as the sensor lies and say how far to turn it.
                yield np.rot90(rgb.to_ndarray(), round(picture.rotation / 90))
        except av.FFmpegError as error:
            raise FormbenchError(f"{path}: the video is broken: {error.strerror}") from error


def _open(path: Path) -> av.container.InputContainer:
    try:
        container = av.open(str(path))
    except av.FFmpegError as error:
        raise FormbenchError(f"{path}: not a video that can be read: {error.strerror}") from error
    if not container.streams.video:
        container.close()
        raise FormbenchError(f"{path}: expected a video, got a file without pictures")
    return container
