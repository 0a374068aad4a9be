"""WebDataset shards: tar files that stream from object storage, one sample a clip.

    <side>-000000.tar, <side>-000001.tar, ...
        <clip_id>.json             clip.json
        <clip_id>.npz              truth.npz
        <clip_id>.<camera>.mp4     the videos

The members are the clip's own files, byte for byte. A shard is closed once it passes SHARD_BYTES;
a clip is never parted. No clock or owner is written: the same clips give the same bytes.
"""

import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from export.formats.format import Format, Request
from export.rows import ClipRow
from motions.errors import FormbenchError

SHARD_BYTES = 256 * 2**20


def write_webdataset(request: Request, out: Path) -> None:
    """Write numbered shards for every side."""
    for side, rows in request.sides.items():
        for number, shard in enumerate(_shards(request, rows)):
            name = f"{side}-{number:06d}.tar"
            with request.part(name) as is_left:
                if is_left:
                    _write_shard(request, shard, out / name)
                else:
                    for _ in shard:
                        request.on_clip()


def _write_shard(request: Request, shard: list[ClipRow], path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for row in shard:
            members = _members(request, row)
            request.seals.check(row.clip_id, [source.name for _, source in members])
            for name, source in members:
                member = tarfile.TarInfo(name)
                member.size = source.stat().st_size
                with source.open("rb") as file:
                    tar.addfile(member, file)
            request.on_clip()


def _shards(request: Request, rows: Iterable[ClipRow]) -> Iterator[list[ClipRow]]:
    shard: list[ClipRow] = []
    size = 0
    for row in rows:
        shard.append(row)
        size += sum(path.stat().st_size for _, path in _members(request, row))
        if size >= SHARD_BYTES:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard


def _members(request: Request, row: ClipRow) -> list[tuple[str, Path]]:
    """Return the name in the tar and the file, everything after the first dot being the field."""
    if "." in row.clip_id:
        raise FormbenchError(
            f"clip {row.clip_id}: webdataset ends a sample's name at the first dot; rename the clip"
        )
    folder = request.dataset.clip_folder(row.clip_id)
    videos = [(f"{row.clip_id}.{path.name}", path) for path in sorted(folder.glob("*.mp4"))]
    return [
        (f"{row.clip_id}.json", folder / "clip.json"),
        (f"{row.clip_id}.npz", folder / "truth.npz"),
        *videos,
    ]


WEBDATASET = Format(
    name="webdataset",
    title="WebDataset shards",
    kept=("everything: the clips' own files",),
    lost=("the dataset's tables and manifest",),
    read_by="webdataset",
    write=write_webdataset,
    whole_clips=True,
)
