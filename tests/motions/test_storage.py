from pathlib import Path

import pytest

from motions.errors import FormbenchError
from motions.storage import create, filling, folders_with, place, refusal, trouble, write


def test_paths_and_file_urls_are_folders_of_this_machine(tmp_path):
    assert place(str(tmp_path)) == place(f"file://{tmp_path}") == tmp_path
    assert place("data/x") == Path("data/x")


def test_a_storage_that_nobody_knows_is_told_with_those_there_are():
    with pytest.raises(FormbenchError, match=r"storage: no 's4'\. Known: az, file, gs, s3"):
        place("s4://bucket/data")


@pytest.mark.parametrize("url", ["s3://bucket/a/b", "gs://bucket/a/b", "az://container/a/b"])
def test_urls_of_each_kind_are_places(url):
    assert str(place(url) / "c") == f"{url}/c"
    assert place(url).name == "b"


def test_a_folder_is_whole_or_not_there(tmp_path):
    with pytest.raises(ValueError, match="stopped"), filling(tmp_path / "a", "last") as folder:
        (folder / "first").write_text("1")
        raise ValueError("stopped")
    assert list(tmp_path.iterdir()) == []
    for text in ("1", "2"):  # the second comes too late
        with filling(tmp_path / "a", "last") as folder:
            (folder / "last").write_text(text)

    assert (tmp_path / "a" / "last").read_text() == "1"
    assert folders_with(tmp_path, "last") == {"a"}


def test_a_file_is_made_once(tmp_path):
    assert create(tmp_path / "f", b"1")
    assert not create(tmp_path / "f", b"2")
    assert (tmp_path / "f").read_bytes() == b"1"
    write(tmp_path / "f", b"3")
    assert (tmp_path / "f").read_bytes() == b"3"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_errors_of_others_are_none_of_storage():
    assert refusal(ValueError("x")) is None
    assert trouble(OSError("x")) is None
    assert refusal(OSError("a <Code>NoSuchBucket</Code>")) == (
        "object storage: there is no such bucket; make it, or name another"
    )
