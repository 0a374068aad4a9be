"""The commands about datasets, as they are typed."""

import json

import pytest
import yaml

import workbench


@pytest.fixture
def typed(capsys):
    """A function that runs a command and returns what it prints as JSON."""

    def run(*words):
        try:
            workbench.main([*map(str, words), "--json"])
        except SystemExit as stop:
            assert not stop.code, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def refused(capsys):
    """A function that runs a command that fails, and returns its one line."""

    def run(*words):
        with pytest.raises(SystemExit) as stop:
            workbench.main([*map(str, words)])
        assert stop.value.code == 1
        return capsys.readouterr().err.splitlines()[-1]

    return run


def spec(folder, **keys):
    path = folder / "spec.yaml"
    sources = [{"name": "gym", "dataset": "dataset"}]
    path.write_text(yaml.safe_dump({"seed": 0, "sources": sources, **keys}))
    return path


def test_a_dataset_is_built_exported_and_imported_again(dataset_folder, tmp_path, typed):
    sides = typed("dataset", "build", spec(tmp_path), "-o", tmp_path / "built")
    typed("export", tmp_path / "built", "-o", tmp_path / "coco", "--use", "commercial")
    (made,) = typed(
        "dataset", "import", tmp_path / "coco" / "annotations" / "train.json", "--format", "coco",
        "--licence", "CC0-1.0", "--fps", "10", "-o", tmp_path / "back",
    )  # fmt: skip

    assert [row["side"] for row in sides] == ["train", "validation"]
    assert [row["clips"] for row in sides] == [12, 4]
    # The split that lies in the dataset is the one that is exported.
    assert made["clips"] == 12 * 2


def test_what_may_not_be_used_is_not_built_nor_exported(make_dataset, make_clip, tmp_path, refused):
    clips = [
        make_clip(clip_id=who, subject_id=who, licences={"motion": "CC-BY-NC-4.0"})
        for who in ("ada", "bob")
    ]
    folder = make_dataset(clips)

    said = refused(
        "dataset", "build", spec(tmp_path), "-o", tmp_path / "out", "--licence", "commercial"
    )
    assert "the motion is under CC-BY-NC-4.0, which does not allow commercial use" in said
    said = refused("export", folder, "-o", tmp_path / "out", "--use", "commercial")
    assert "2 of 2 clips have such ingredients" in said
    assert not (tmp_path / "out").exists()


def test_mistakes_are_one_line(dataset_folder, tmp_path, refused):
    out = ("-o", tmp_path / "out")
    build = ("dataset", "build", spec(tmp_path, splits={"by": ["exercize"]}), *out)
    assert "Did you mean 'exercise'" in refused(*build)
    build = ("dataset", "build", spec(tmp_path, splits={"shares": {"train": 0.5}}), *out)
    assert "expected shares that sum to 1, got 0.5" in refused(*build)
    build = ("dataset", "build", spec(tmp_path, colour="red"), *out)
    assert "colour: Extra inputs are not permitted" in refused(*build)
    build = ("dataset", "build", spec(tmp_path, licence="commercal"), *out)
    assert "Did you mean 'commercial'" in refused(*build)
    assert "--lossy exports the rest" in refused(
        "export", dataset_folder, "--format", "webdataset", "--every", "2", *out
    )
    assert "expected width x height such as 640x480, got 'big'" in refused(
        "dataset", "import", dataset_folder, "--format", "openpose", "--licence", "MIT",
        "--size", "big", *out,
    )  # fmt: skip
