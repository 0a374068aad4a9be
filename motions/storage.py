"""Places that data is kept in: folders of this machine, and object storage by its URL.

`place("s3://bucket/data")` has the methods of a `pathlib.Path`, read and write, through fsspec; so
have `gs://` and `az://`, by the same code. Credentials and endpoints come from the environment
alone, by the names that the clouds' own tools have: AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL and so on.

A folder in object storage cannot be renamed into place. What is to be whole there has one file that
is written last, and is there once that is.
"""

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from motions.errors import FormbenchError, unknown_name

SCHEMES = ("s3", "gs", "az")
_RETRIES: Any = {"max_retries": 5}
_REFUSED = {
    "NoSuchBucket": "there is no such bucket; make it, or name another",
    "AccessDenied": "the credentials in the environment do not allow it",
    "InvalidAccessKeyId": "the access key in the environment is unknown there",
    "SignatureDoesNotMatch": "the secret key in the environment does not fit the access key",
    "RequestTimeTooSkewed": "this machine's clock is off; set it",
    "QuotaExceeded": "the storage is full; make room and run the same command again",
    "XMinioStorageFull": "the storage is full; make room and run the same command again",
}
"""What object storage answers that trying again does not change."""


def place(text: str) -> Path:
    """Return a folder or file by its path or URL.

    Raises:
        FormbenchError: The URL is of no known kind or has credentials in it, or what reads such
            URLs is not installed.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Path(text)
    if scheme == "file":
        return Path(rest)
    if scheme not in SCHEMES:
        raise unknown_name("storage", scheme, ("file", *SCHEMES))
    if "@" in rest or "?" in rest:
        raise FormbenchError(f"{scheme}://...: credentials belong in the environment, not the URL")
    try:
        from obstore.fsspec import register
        from upath import UPath
    except ImportError as error:
        raise FormbenchError(
            f"{text}: object storage is not installed: pip install 'formbench[storage]'"
        ) from error
    register(SCHEMES)
    return cast(Path, UPath(text, retry_config=_RETRIES))


def is_local(folder: Path) -> bool:
    """Whether a place is in a file system of this machine."""
    return isinstance(folder, Path)


@contextmanager
def filling(final: Path, last: str) -> Iterator[Path]:
    """Give an empty folder of this machine to fill, which becomes `final` if all goes well.

    Where `final` is whole already, it stays. In object storage the file `last` is put last.
    """
    if not is_local(final):
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)
            for path in sorted(Path(made).iterdir(), key=lambda path: path.name == last):
                target: Any = final / path.name
                target.fs.put_file(str(path), target.path)
        return
    temporary = final.with_name(f".{final.name}.{secrets.token_hex(4)}")
    temporary.mkdir()
    try:
        yield temporary
        if not final.exists():
            temporary.rename(final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def clear_unfinished(parent: Path) -> None:
    """Remove what `filling` leaves in a folder of this machine when its process is killed."""
    for left in sorted(parent.glob(".*.*")):
        shutil.rmtree(left)


def folders_with(parent: Path, last: str) -> set[str]:
    """Return the names of the whole folders in a place, that is of those with the file `last`."""
    if is_local(parent):
        return {path.name for path in parent.iterdir() if not path.name.startswith(".")}
    remote: Any = parent
    ending = f"/{last}"
    found = remote.fs.find(remote.path)
    return {name.removesuffix(ending).rpartition("/")[2] for name in found if name.endswith(ending)}


def file_names(folder: Path, top: str) -> list[str]:
    """Return the files at or below `top`, relative to `folder` and sorted.

    Raises:
        FormbenchError: There is a link among them.
    """
    place_of_top: Any = folder / top
    if not is_local(folder):
        found = place_of_top.fs.find(place_of_top.path)
        return sorted(top + name.removeprefix(place_of_top.path) for name in found)
    names = []
    for path in (place_of_top, *place_of_top.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise FormbenchError(f"{folder}: expected files, got a link: {name}; copy its target")
        if path.is_file():
            names.append(name)
    return sorted(names)


def write(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    if not is_local(path):
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Remove a file, or a folder with what is in it; nothing where there is none."""
    if is_local(folder) and folder.is_dir():
        shutil.rmtree(folder)
    elif is_local(folder):
        folder.unlink(missing_ok=True)
    elif folder.exists():
        remote: Any = folder
        remote.fs.rm(remote.path, recursive=True)


def create(path: Path, data: bytes) -> bool:
    """Write a file unless there is one; return whether it was written."""
    if is_local(path):
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        temporary.write_bytes(data)
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        return True
    from obstore import put
    from obstore.exceptions import AlreadyExistsError
    from obstore.store import from_url

    try:
        put(from_url(str(path.parent), retry_config=_RETRIES), path.name, data, mode="create")
    except AlreadyExistsError:
        return False
    return True


def refusal(error: BaseException) -> str | None:
    """Return the line for what object storage refused for good, None for any other error."""
    code = re.search(r"<Code>(\w+)</Code>", str(error))
    said = _REFUSED.get(code[1]) if code else None
    return said and f"object storage: {said}"


def trouble(error: BaseException) -> str | None:
    """Return the line for whatever object storage did not do, None for any other error."""
    if type(error).__module__.startswith("obstore"):
        return refusal(error) or f"object storage: {str(error).splitlines()[0]}"
    return refusal(error)
