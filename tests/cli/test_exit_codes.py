"""The table of exit codes."""

from collections.abc import Iterator

import attrs
import pytest

from cc_async import errors
from cc_async.cli._command_run import CommandRun
from cc_async.cli._exit_codes import ExitCode, of_activities, of_error, of_import, of_sign_ups
from cc_async.cli._failures import failure_of
from cc_async.cli._import_results import ImportResult
from cc_async.cli._sign_up_results import SignUpsResult
from cc_async.errors import (
    AuthError,
    BadRequestError,
    ConstantContactError,
    ServerError,
)
from cc_async.imports import ImportReport
from cc_async.imports._report import ActivityReport
from cc_async.models import Activity, ActivityStatus
from cc_async.sign_ups import Outcome, SignUpReport

CODES = {
    "AddressRefusedError": 2,
    "InvalidRequestError": 2,
    "InputError": 2,
    "InputChangedError": 2,
    "ConsentRequiredError": 2,
    "UnknownNameError": 2,
    "JobNotFoundError": 2,
    "TooManyAttemptsError": 2,
    "JobBusyError": 5,
    "JobCancelledError": 130,
    "ClientStateError": 5,
    "AuthError": 3,
    "OtherAccountError": 3,
    "UnknownAccountError": 5,
    "TransportError": 5,
    "ConnectionFailedError": 5,
    "TransportTimeoutError": 5,
    "DeadlineError": 5,
    "ActivityOverdueError": 5,
    "ApiError": 2,
    "BadRequestError": 2,
    "AuthenticationError": 3,
    "PermissionDeniedError": 3,
    "NotFoundError": 2,
    "ConflictError": 2,
    "RateLimitError": 5,
    "ServerError": 5,
    "UnexpectedResponseError": 5,
    "DailyQuotaError": 4,
    "StoreError": 2,
    "StoreCorruptError": 5,
    "StoredFormatError": 5,
    "StoreLockedError": 5,
}

REPORT = ImportReport(
    job_id="j",
    state="completed",
    contacts_read=3,
    contacts_rejected=0,
    contacts_merged=1,
    contacts_suppressed=1,
    contacts_sent=1,
    person_count=1,
    error_count=0,
    correctable_count=0,
    cannot_add_to_list_count=0,
    missing=None,
    not_changed=None,
    requests=4,
    activities=(),
)


def chunk(state: str, activity_id: str | None) -> ActivityReport:
    return ActivityReport(activity_id, state, 1, 100)


def kinds(parent: type[ConstantContactError] = ConstantContactError) -> Iterator[type]:
    for kind in parent.__subclasses__():
        if getattr(errors, kind.__name__, None) is kind:  # not what attrs left behind of it
            yield kind
            yield from kinds(kind)


def bare(kind: type[BaseException]) -> BaseException:
    """Make an error of *kind* without what it is about; only its kind counts."""
    return kind.__new__(kind)


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=lambda kind: kind.__name__))
def test_every_error_has_an_exit_code(kind: type[BaseException]) -> None:
    """Each kind of error ends the command with the code that the table here says."""
    assert of_error(bare(kind)) == CODES[kind.__name__]


def test_an_unexpected_error_is_a_failure() -> None:
    """An error of another package ends with 5, an interruption with 130."""
    assert of_error(KeyError("x")) == 5
    assert of_error(ExceptionGroup("x", [KeyError("y")])) == 5
    assert of_error(KeyboardInterrupt()) == 130


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"contacts_rejected": 1}, 1),
        ({"error_count": 1}, 1),
        ({"correctable_count": 1}, 1),
        ({"cannot_add_to_list_count": 1}, 1),
        ({"missing": 1}, 1),
        ({"missing": 0}, 0),
        ({"state": "uncertain"}, 5),
        ({"state": "failed"}, 5),
        ({"state": "running"}, 5),
    ],
)
def test_an_import_ends_as_well_as_its_worst_count(changes: dict[str, object], code: int) -> None:
    """Suppressed and merged contacts are no fault; anything else that is not accepted is."""
    assert of_import(attrs.evolve(REPORT, **changes)) == code  # type: ignore[arg-type]


def test_a_failing_service_outweighs_refusals() -> None:
    """Sign-ups end with 1 after refusals, and with 5 if the service failed."""
    fine = Outcome(2, "suppressed", "")
    refused = Outcome(3, "failed", "", error=BadRequestError(400))
    given_up = Outcome(4, "failed", "", reason="tried too often")
    failed = Outcome(5, "failed", "", error=ServerError(500))
    unknown = Outcome(6, "failed", "", error=AuthError("no"))
    assert of_sign_ups([fine]) == ExitCode.DONE
    assert of_sign_ups([refused, given_up, unknown]) == ExitCode.NOT_ALL_ACCEPTED
    assert of_sign_ups([refused, failed]) == ExitCode.SERVICE_FAILED


def test_activities_have_a_code() -> None:
    """An activity that ended well is 0, one with refusals 1, one that was given up 5."""
    well = Activity("a", "completed")
    partly = Activity("b", "completed", status=ActivityStatus(error_count=1))
    badly = Activity("c", "timed_out")
    assert of_activities([well]) == 0
    assert of_activities([partly, well]) == 1
    assert of_activities([partly, badly]) == 5


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (ImportResult(attrs.evolve(REPORT, state="running")), 2),
        (
            ImportResult(
                attrs.evolve(REPORT, state="running", activities=(chunk("planned", None),))
            ),
            2,
        ),
        (
            ImportResult(
                attrs.evolve(REPORT, state="running", activities=(chunk("uncertain", None),))
            ),
            5,
        ),
        (
            ImportResult(
                attrs.evolve(REPORT, state="running", activities=(chunk("processing", "a1"),))
            ),
            5,
        ),
        (SignUpsResult(SignUpReport(contacts_read=1, failed=1)), 2),
        (SignUpsResult(SignUpReport(contacts_read=1, created=1)), 5),
        (SignUpsResult(SignUpReport(contacts_read=1, updated=1)), 5),
        (SignUpsResult(SignUpReport(), in_flight=3), 5),
        (None, 2),
    ],
)
def test_a_full_disk_after_something_was_sent_is_no_bad_usage(
    result: ImportResult | SignUpsResult | None, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 says that nothing was sent; a disk or a store that fails later ends with 5."""
    run = CommandRun(is_json=True, result=result)
    assert run.finish(failure_of(errors.StoreError("the disk is full"))) == code
