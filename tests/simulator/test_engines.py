"""Engines: units are done, done again, or set aside, on processes of this machine and on Ray."""

import os
import signal
import sys
from pathlib import Path

import pytest

from motions.errors import FormbenchError
from simulator.engines.engine import Unit, UnitFailed, attempt, versions
from simulator.engines.local import LocalEngine


def _units(given):
    return [Unit(str(i), f"unit {i}", one) for i, one in enumerate(given)]


def _work(given):
    """Do what a test wants done in a worker; a unit counts its tries in a file."""
    what, folder = given
    tries = Path(folder) / f"{what}.tries"
    tries.write_text(tries.read_text() + "." if tries.exists() else ".")
    match what:
        case "stop":
            raise FormbenchError("this machine will not do")
        case "full":
            raise OSError(28, "No space left on device")
        case "bug":
            raise ValueError("a bug")
        case "die" | "die once":
            if what == "die" or len(tries.read_text()) == 1:
                os.kill(os.getpid(), signal.SIGKILL)
        case "environment":
            return os.environ.get("FORMBENCH_TEST")
    return what.upper()


@pytest.fixture(scope="module", params=["local", "ray"])
def engine(request):
    if request.param == "local":
        return LocalEngine(2)
    from ray import cloudpickle

    from simulator.engines.ray import RayEngine

    # Ray's workers cannot import this file, so what is in it is sent to them.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    return RayEngine(workers=2)


def _tries(folder, what):
    return len((folder / f"{what}.tries").read_text())


def test_units_are_done_again_or_set_aside_and_the_others_go_on(engine, tmp_path):
    wishes = ["a", "bug", "die", "die once", "environment", "b"]
    given = [(what, str(tmp_path)) for what in wishes]
    outcomes = {
        outcome.unit.given[0]: outcome
        for outcome in engine.run(_work, _units(given), {"FORMBENCH_TEST": "seen"})
    }

    assert {what: outcomes[what].result for what in wishes} == {
        "a": "A", "bug": None, "die": None, "die once": "DIE ONCE", "environment": "seen", "b": "B",
    }  # fmt: skip
    assert {what for what in wishes if outcomes[what].log} == {"bug", "die"}
    assert outcomes["bug"].log.rstrip().endswith("ValueError: a bug")
    assert [_tries(tmp_path, what) for what in ("a", "bug", "die", "die once")] == [1, 3, 3, 2]
    assert "FORMBENCH_TEST" not in os.environ


@pytest.mark.parametrize(
    ("what", "line"),
    [("stop", "this machine will not do"), ("full", "the disk is full; make room")],
)
def test_what_no_other_try_mends_stops_the_run(engine, tmp_path, what, line):
    with pytest.raises(FormbenchError, match=line):
        list(engine.run(_work, _units([(what, str(tmp_path))]), {}))

    assert _tries(tmp_path, what) == 1


def test_no_units_need_no_workers(engine):
    assert list(engine.run(_work, [], {})) == []


def test_a_worker_of_another_version_is_told():
    expected = versions() | {"numpy": "1.0"}
    with pytest.raises(FormbenchError, match=r"a worker has numpy 2.*, the driver 1.0; install"):
        attempt(str, 1, expected)


def test_an_error_that_cannot_travel_is_told_as_text():
    class Odd(Exception):
        pass

    def work(given):
        raise Odd(lambda: given)

    with pytest.raises(UnitFailed, match="Odd: <function"):
        attempt(work, 1, versions())


def test_no_workers_are_refused():
    with pytest.raises(FormbenchError, match="workers: expected at least 1, got 0"):
        LocalEngine(0)
