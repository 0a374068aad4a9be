"""The command line as a user meets it: exit codes, one-line errors, tables and JSON."""

import errno
import json
import os
import resource
import subprocess
import sys

import pytest

import workbench
from simulator.faults.library import faults_of


@pytest.fixture
def run(capfd):
    """Run a command line in this process; returns exit code, stdout and stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            workbench.main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return ended.value.code or 0, out, err

    return run


@pytest.fixture
def failing(monkeypatch):
    """Make `workbench doctor` raise what is given."""

    def failing(error):
        def examine(checks, on_check):
            raise error

        monkeypatch.setattr("simulator.doctor.examine", examine)

    return failing


def test_help_lists_the_commands_in_the_order_of_the_pipeline(run):
    code, out, _ = run("--help")

    listed = out.partition("Commands:\n")[2]
    assert code == 0
    assert [line.split()[0] for line in listed.splitlines()] == list(workbench.COMMANDS)


def test_help_takes_less_than_half_a_second_of_processor_time():
    def used_s():
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before_s = used_s()
    code = "import workbench; workbench.main(['--help'])"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

    assert used_s() - before_s < 0.5


def test_a_mistake_is_one_line_on_stderr_and_exit_code_1(run):
    code, out, err = run("setup", "medipipe")

    assert (code, out) == (1, "")
    assert err == (
        "workbench: environment: no 'medipipe'. Did you mean 'mediapipe'? "
        "Known: label-studio, mediapipe, moto.\n"
    )


def test_a_full_disk_is_one_line(run, failing):
    failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "clips/clip_000003"))

    code, _, err = run("doctor")

    assert code == 1
    assert err.splitlines()[-1] == (
        "workbench: clips/clip_000003: the disk is full; make room and run the same command again"
    )


def test_a_bug_keeps_its_traceback(failing):
    failing(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        workbench.main(["doctor"])


def test_an_error_of_the_system_that_nobody_can_mend_keeps_its_traceback(failing):
    failing(OSError(errno.EBADF, "bad file descriptor"))

    with pytest.raises(OSError, match="bad file descriptor"):
        workbench.main(["doctor"])


def test_an_interrupt_ends_with_130(run, failing):
    failing(KeyboardInterrupt())

    assert run("doctor")[0] == 130


def test_the_installed_command_is_this_one():
    command = os.path.join(os.path.dirname(sys.executable), "workbench")

    ran = subprocess.run([command, "setup", "x"], capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert ran.stderr == "workbench: environment: no 'x'. Known: label-studio, mediapipe, moto.\n"


def test_the_exercises_and_recordings_are_listed(run):
    code, out, _ = run("motions", "list", "--json")
    names = [row["name"] for row in json.loads(out)]

    assert code == 0
    assert names[0] == "squat"
    assert {"deadlift", "pull_up", "jump", "dance_a"} <= set(names)


def test_a_table_has_a_line_for_each_row_of_its_json(run):
    _, table, _ = run("motions", "list")
    _, out, _ = run("motions", "list", "--json")

    header, *lines = table.splitlines()
    assert header.split() == list(json.loads(out)[0])
    assert [line.split()[0] for line in lines] == [row["name"] for row in json.loads(out)]


def test_a_whole_dataset_is_verified(run, dataset_folder):
    code, out, _ = run("verify", dataset_folder)

    n_files = sum(path.is_file() for path in dataset_folder.rglob("*")) - 1
    assert code == 0
    assert out == f"{dataset_folder}: all {n_files} files are those of the manifest\n"
    assert run("verify", dataset_folder, "--json") == (0, "[]\n", "")


def test_files_that_are_not_those_of_the_manifest_are_listed(run, dataset_folder):
    (dataset_folder / "config.yaml").write_text("seed: 1\n")
    (dataset_folder / "clips" / "clip_000003" / "truth.npz").unlink()
    (dataset_folder / "notes.txt").write_text("mine")

    code, out, _ = run("verify", dataset_folder, "--json")

    assert code == 1
    assert json.loads(out) == [
        {"file": "clips/clip_000003/truth.npz", "is": "missing"},
        {"file": "config.yaml", "is": "changed"},
        {"file": "notes.txt", "is": "extra"},
    ]


def test_a_folder_that_is_no_dataset_is_a_mistake(run, tmp_path):
    code, out, err = run("verify", tmp_path)

    assert (code, out) == (1, "")
    assert err == f"workbench: {tmp_path}: not a dataset: it has no folder clips\n"


def test_the_faults_of_one_exercise_are_listed(run):
    code, out, _ = run("faults", "list", "--exercise", "squat", "--json")

    assert code == 0
    listed = [row["id"] for row in json.loads(out)]
    assert listed == [fault.id for fault in faults_of("squat")]
    assert {"squat.rounded_back", "squat.incomplete_range", "squat.jump"} <= set(listed)


def test_the_faults_of_an_unknown_exercise_name_the_nearest(run):
    code, _, err = run("faults", "list", "--exercise", "squatt")

    assert code == 1
    assert "Did you mean 'squat'?" in err


def test_label_tasks_of_clips_without_videos_are_a_mistake(run, dataset_folder, tmp_path):
    code, _, err = run("label", "tasks", dataset_folder, "-o", tmp_path / "tasks")

    assert code == 1
    assert "expected a video of camera 'front', got keypoints only" in err.splitlines()[-1]
    assert not (tmp_path / "tasks").exists()


CONFIG = """\
seed: 0
exercises: [squat]
subjects: 2
reps: 1
body: stick
faults: [{fault: incomplete_range, severity: 0.5}]
render: false
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "squats.yaml"
    path.write_text(CONFIG)
    return path


def test_a_config_becomes_a_dataset_that_holds(run, config, tmp_path):
    folder = tmp_path / "squats"

    code, out, _ = run("generate", config, "-o", folder, "--workers", 1, "--json")

    (made,) = json.loads(out)
    assert code == 0
    assert (made["clips"], made["made now"]) == (4, 4)
    assert run("verify", folder)[0] == 0

    again = json.loads(run("generate", config, "-o", folder, "--json")[1])
    assert again == [made | {"made now": 0}]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("colour: blue", "no 'colour'"),
        ("exercises: [squatt]", "exercise: no 'squatt'. Did you mean 'squat'?"),
        ("seed: -1", "seed: "),
        ("faults: [{fault: rounded_back, size_m_s: 1}]", "expected size_deg, got size_m_s"),
    ],
)
def test_a_wrong_config_is_one_line_and_makes_nothing(run, config, tmp_path, line, message):
    key = line.partition(":")[0]
    kept = [old for old in CONFIG.splitlines() if not old.startswith(f"{key}:")]
    config.write_text("\n".join([*kept, line]))

    code, _, err = run("generate", config, "-o", tmp_path / "squats")

    assert code == 1
    assert len(err.splitlines()) == 1
    assert err.startswith(f"workbench: {config}: ")
    assert message in err
    assert not (tmp_path / "squats").exists()


def test_a_config_that_is_not_there_is_one_line(run, tmp_path):
    code, _, err = run("generate", tmp_path / "no.yaml", "-o", tmp_path / "out")

    assert (code, err) == (1, f"workbench: {tmp_path / 'no.yaml'}: no such file\n")


def test_a_folder_with_something_else_in_it_is_left_alone(run, config, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear Ada")

    code, _, err = run("generate", config, "-o", folder)

    assert code == 1
    assert err.splitlines()[-1].startswith(f"workbench: {folder}: expected an empty or new folder")
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_a_dataset_is_split_and_exported(run, dataset_folder, tmp_path):
    code, out, _ = run("split", dataset_folder, "-o", tmp_path / "splits.json", "--json")
    assert code == 0
    assert sum(side["clips"] for side in json.loads(out)) == 16
    assert sum(side["subjects"] for side in json.loads(out)) == 4

    options = ["--format", "coco", "--split", tmp_path / "splits.json"]
    code, _, _ = run("export", dataset_folder, *options, "-o", tmp_path / "coco")
    assert code == 0
    names = {path.name for path in (tmp_path / "coco" / "annotations").iterdir()}
    assert names == {"train.json", "validation.json"}


def test_the_formats_are_listed(run):
    from export.formats.table import FORMATS

    code, out, _ = run("export", "--list", "--json")

    assert code == 0
    assert [row["name"] for row in json.loads(out)] == list(FORMATS)


def test_an_unknown_format_names_the_nearest(run, dataset_folder, tmp_path):
    code, _, err = run("export", dataset_folder, "--format", "cocoo", "-o", tmp_path / "out")

    assert code == 1
    assert "Did you mean 'coco'?" in err.splitlines()[-1]


def test_exporting_nothing_is_a_mistake(run):
    code, _, err = run("export", "--format", "coco")

    assert (code, err) == (1, "workbench: export: expected DIR and -o OUT, or --list\n")


def test_scorers_are_evaluated_with_a_column_for_each_view(run, dataset_folder, tmp_path):
    out_folder = tmp_path / "report"
    wanted = ("--scorer", "dtw", "--alone", "--data", dataset_folder)
    code, out, _ = run("evaluate", *wanted, "-o", out_folder)

    standings, by_view = out.split("\n\n")
    header, *lines = by_view.splitlines()
    assert code == 0
    assert standings.splitlines()[1].split()[:3] == ["1", "dtw", "truth"]
    assert header.split() == ["scorer", "fault", "all", "front", "side"]
    assert any(line.split()[:2] == ["dtw", "squat.rounded_back"] for line in lines)
    assert (out_folder / "report.html").is_file()


def test_an_unknown_scorer_names_the_nearest(run, dataset_folder, tmp_path):
    out_folder = tmp_path / "report"
    code, _, err = run("evaluate", "--scorer", "dwt", "--data", dataset_folder, "-o", out_folder)

    assert code == 1
    assert "Did you mean 'dtw'?" in err.splitlines()[-1]
    assert not out_folder.exists()


def test_a_sheet_of_clips_without_videos_is_a_mistake(run, dataset_folder, tmp_path):
    code, _, err = run("sheet", dataset_folder, "-o", tmp_path / "sheet.png")

    assert code == 1
    assert "expected videos, got keypoints only" in err.splitlines()[-1]


def test_a_place_that_cannot_be_written_is_one_line(run, dataset_folder, tmp_path):
    (tmp_path / "file").write_text("")

    code, _, err = run("split", dataset_folder, "-o", tmp_path / "missing" / "splits.json")
    assert code == 1
    assert err.endswith("missing/.splits.json.part: no such file or folder\n")

    code, _, err = run("export", dataset_folder, "-o", tmp_path / "file" / "coco")
    assert code == 1
    assert err.splitlines()[-1] == f"workbench: {tmp_path / 'file'}: expected a folder, got a file"
