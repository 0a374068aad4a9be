import pytest

from motions.errors import FormbenchError
from simulator.config import config_text, parse_config, read_config

SMALL = {"seed": 0, "exercises": ["squat"]}


def squats(**changes):
    return parse_config({**SMALL, **changes}, "c.yaml")


def entry(**size):
    return [{"fault": "rounded_back", **size}]


def test_a_seed_of_zero_is_a_seed():
    assert squats().seed == 0


def test_what_is_written_reads_back_equal(tmp_path):
    config = squats(
        faults=[
            {"fault": "jump", "size_m_s": [0.8, 1.2], "reps": [1]},
            {"fault": "every", "dose_ladder": [0, 0.25, 0.5, 0.75, 1]},
        ],
        cameras={"named": ["front", "oblique"], "sampled": 2},
    )
    path = tmp_path / "config.yaml"
    path.write_text(config_text(config), encoding="utf-8")

    assert read_config(path) == config
    assert config_text(read_config(path)) == config_text(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"excercises": ["squat"]}, "key: no 'excercises'. Did you mean 'exercises'?"),
        ({"seed": -1}, "seed: Input should be greater than or equal to 0, got -1"),
        ({"seed": None}, "seed: Input should be a valid integer, got None"),
        ({"exercises": ["sqat"]}, "exercise: no 'sqat'. Did you mean 'squat'?"),
        ({"exercises": ["squat", "squat"]}, "expected each once"),
        ({"exercises": []}, "expected exercises, recordings or both, got neither"),
        ({"recordings": ["pybullet:jumpp"]}, "PyBullet clip: no 'jumpp'. Did you mean 'jump'?"),
        ({"recordings": ["none.npz"]}, "none.npz"),
        ({"body": "any"}, "body: no 'any'. Did you mean 'anny'?"),
        ({"clean": False}, "expected clean clips, faults or variations, got none"),
        ({"fps": 0}, "fps: Input should be greater than or equal to 10, got 0"),
        ({"cameras": {"named": ["frnt", "side"]}}, "camera: no 'frnt'. Did you mean 'front'?"),
        ({"cameras": {"named": ["front"]}}, "expected 2 to 8 cameras, got 1"),
        ({"cameras": {"named": []}}, "expected cameras, or render: false"),
        ({"cameras": {"width_px": 641}}, "cameras.width_px: Input should be a multiple of 2"),
        ({"cameras": {"width": 640}}, "no 'width'. Did you mean 'width_px'?"),
        ({"faults": entry()}, "fault rounded_back: expected one of dose, dose_ladder, severity"),
        ({"faults": entry(dose=1, severity=1)}, "got dose, severity"),
        ({"faults": entry(size_m_s=1.0)}, "squat.rounded_back: expected size_deg, got size_m_s"),
        ({"faults": entry(size_deg=90)}, "expected a size of 0 to 45 deg, got 90"),
        ({"faults": entry(dose=1.5)}, "squat.rounded_back: expected a size of 0 to 45 deg"),
        ({"faults": [{"fault": "roundback", "dose": 1}]}, "Did you mean 'rounded_back'?"),
        ({"faults": [{"fault": "squat.roundback", "dose": 1}]}, "Did you mean 'rounded_back'?"),
        ({"faults": [{"fault": "lunge.knee_valgus", "dose": 1}]},
         "fault lunge.knee_valgus: expected the exercise lunge in the config"),
        ({"faults": [{"fault": "jump", "dose": 1, "reps": [2]}]}, "repetitions below 2, got [2]"),
        ({"faults": [{"fault": "jump", "dose": 1, "side": "left"}]},
         "squat.jump: expected side both, got 'left'"),
        ({"faults": [{"fault": "trunk_rotation", "dose": 1, "side": "both"}]},
         "squat.trunk_rotation: expected side left or right, got 'both'"),
        ({"faults": entry(dose=1, window={"from": 0.5, "to": 1.5})},
         "window: expected 0 <= from < to <= 1 within the repetition, got 0.5 to 1.5"),
        ({"faults": entry(dose=1, window={"form": 0.5})}, "no 'form'. Did you mean 'from'?"),
        ({"faults": [{"fault": "jump", "dose": 1, "window": {"way": "out"}}]},
         "squat.jump: expected no window"),
        ({"faults": entry(dose=1, also=[{"fault": "rounded_back", "dose": 1}])},
         "squat.rounded_back: expected once in repetition 0, got it twice"),
        ({"faults": [{"fault": "tempo_fast", "dose": 1,
                      "also": [{"fault": "jump", "dose": 1}]}]},
         "squat.tempo_fast and jump: both change the tempo"),
        ({"faults": entry(dose=1, also=[{"fault": "jump", "dose": 1, "corelation": 1}])},
         "no 'corelation'. Did you mean 'correlation'?"),
        ({"faults": [{"fault": "feet_too_wide", "dose": 1, "reps": [0]}]},
         "squat.feet_too_wide: is there throughout a set"),
        ({"faults": [{"fault": "fatigue_drift", "dose": 1}]},
         "squat.fatigue_drift: expected at least 4 repetitions, got 2"),
        ({"faults": entry(dose=1, probability=0)}, "probability: Input should be greater than 0"),
        ({"variations": ["wide_stanc"]}, "variation: no 'wide_stanc'. Did you mean 'wide_stance'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(changes, message):
    with pytest.raises(FormbenchError) as caught:
        squats(**changes)

    assert message in str(caught.value)
    assert str(caught.value).startswith("c.yaml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"seed: 0\nexercises: [", "not YAML: "),
        (b"", "expected keys and values, got NoneType"),
        (b"- 1\n", "expected keys and values, got list"),
        (b"\xff\xfe\x00", "expected a YAML text file"),
        (
            b"!!python/object/apply:os.system ['true']",
            "not YAML: could not determine a constructor",
        ),
    ],
)
def test_files_that_are_no_config_are_refused(tmp_path, text, message):
    path = tmp_path / "c.yaml"
    path.write_bytes(text)
    with pytest.raises(FormbenchError) as caught:
        read_config(path)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FormbenchError, match=r"none\.yaml: no such file"):
        read_config(tmp_path / "none.yaml")


def test_severity_and_dose_name_the_same_sizes_by_their_marks():
    from simulator.faults.library import FAULTS

    spec = FAULTS["squat.rounded_back"]
    by_dose, by_severity = (
        squats(faults=entry(**{key: 1})).faults[0] for key in ("dose", "severity")
    )

    assert by_dose.in_unit(spec, 1.0) == by_severity.in_unit(spec, 1.0) == 45.0
    assert by_dose.in_unit(spec, 0.0) == 0.0
    assert by_severity.in_unit(spec, 0.0) == 20.0
