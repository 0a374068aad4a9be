import pytest

from motions.errors import FormbenchError
from simulator.doctor import CHECKS, Check, Finding, examine


def _check(look, core=True):
    return Check("thing", look, "mend it", core)


def _raising(error):
    def look():
        raise error

    return look


def test_what_works_says_what_was_found_and_needs_no_mending():
    told = []

    findings = examine([_check(lambda: "version 3")], lambda *done: told.append(done))

    assert findings == [Finding("thing", True, "version 3", "", True)]
    assert told == [(1, 1)]


@pytest.mark.parametrize(
    "error", [FormbenchError("no\n driver"), ImportError("no driver"), OSError("no driver")]
)
def test_what_does_not_work_is_one_line_with_the_line_that_mends_it(error):
    findings = examine([_check(_raising(error), core=False)], lambda *done: None)

    assert findings == [Finding("thing", False, "no driver", "mend it", False)]


def test_one_that_does_not_work_does_not_stop_the_others():
    findings = examine(
        [_check(_raising(ImportError())), _check(lambda: "fine")], lambda *done: None
    )

    assert [finding.works for finding in findings] == [False, True]


def test_a_bug_is_not_taken_for_a_finding():
    with pytest.raises(ZeroDivisionError):
        examine([_check(_raising(ZeroDivisionError()))], lambda *done: None)


@pytest.mark.gl
@pytest.mark.anny
@pytest.mark.parametrize("check", [c for c in CHECKS if c.core], ids=lambda check: check.name)
def test_everything_that_generating_needs_works_here(check):
    (finding,) = examine([check], lambda *done: None)

    assert finding.works, f"{finding.detail}; {finding.mend}"
    assert finding.detail
