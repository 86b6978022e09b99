"""The exit codes, and the one place where errors and reports become one."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from cc_async.errors import (
    ActivityOverdueError,
    ApiError,
    AuthenticationError,
    AuthError,
    ClientStateError,
    DailyQuotaError,
    InvalidRequestError,
    JobBusyError,
    JobCancelledError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    TransportError,
    UnexpectedResponseError,
    UnknownAccountError,
)
from cc_async.imports import ImportReport
from cc_async.models import Activity
from cc_async.sign_ups import Outcome


class ExitCode(enum.IntEnum):
    """The ways for a command to end."""

    DONE = 0
    NOT_ALL_ACCEPTED = 1
    BAD_USAGE = 2
    SIGN_IN = 3
    QUOTA_USED_UP = 4
    SERVICE_FAILED = 5
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


_OF_ERRORS: dict[type[BaseException], ExitCode] = {
    InvalidRequestError: ExitCode.BAD_USAGE,
    StoreError: ExitCode.BAD_USAGE,  # a store's folder or address is not usable
    ApiError: ExitCode.BAD_USAGE,
    AuthError: ExitCode.SIGN_IN,
    AuthenticationError: ExitCode.SIGN_IN,
    PermissionDeniedError: ExitCode.SIGN_IN,
    DailyQuotaError: ExitCode.QUOTA_USED_UP,
    TransportError: ExitCode.SERVICE_FAILED,
    RateLimitError: ExitCode.SERVICE_FAILED,
    ServerError: ExitCode.SERVICE_FAILED,
    UnexpectedResponseError: ExitCode.SERVICE_FAILED,
    UnknownAccountError: ExitCode.SERVICE_FAILED,
    ActivityOverdueError: ExitCode.SERVICE_FAILED,
    JobBusyError: ExitCode.SERVICE_FAILED,
    JobCancelledError: ExitCode.INTERRUPTED,
    StoreLockedError: ExitCode.SERVICE_FAILED,
    StoreCorruptError: ExitCode.SERVICE_FAILED,
    ClientStateError: ExitCode.SERVICE_FAILED,
    KeyboardInterrupt: ExitCode.INTERRUPTED,
    BaseException: ExitCode.SERVICE_FAILED,
}


def of_error(error: BaseException) -> ExitCode:
    """Return the code for *error*, by the nearest of its types.

    An account that is unknown counts as the reason why it could not be asked for.
    """
    if isinstance(error, UnknownAccountError) and error.__cause__ is not None:
        return of_error(error.__cause__)
    return next(_OF_ERRORS[kind] for kind in type(error).__mro__ if kind in _OF_ERRORS)


def code_after_sending(code: ExitCode) -> ExitCode:
    """Return the code of a failure for a command that has sent contacts.

    Usage and input were good then, so a full disk or a lost store counts as a failed service.
    """
    return ExitCode.SERVICE_FAILED if code is ExitCode.BAD_USAGE else code


def of_import(report: ImportReport) -> ExitCode:
    """Return the code for an import, finished or not."""
    if report.state != "completed":
        return ExitCode.SERVICE_FAILED
    is_all_there = report.is_all_accepted and not report.missing
    return ExitCode.DONE if is_all_there else ExitCode.NOT_ALL_ACCEPTED


def of_sign_ups(outcomes: Iterable[Outcome]) -> ExitCode:
    """Return the code for *outcomes* of a bulk sign-up that are no success.

    A failure of the service or the network outweighs refusals: the next run may succeed.
    """
    code = ExitCode.DONE
    for outcome in outcomes:
        if outcome.status == "suppressed":
            continue
        is_lost = outcome.error is not None and of_error(outcome.error) is ExitCode.SERVICE_FAILED
        if is_lost or outcome.status == "unknown":
            return ExitCode.SERVICE_FAILED
        code = ExitCode.NOT_ALL_ACCEPTED
    return code


def of_activities(activities: Iterable[Activity]) -> ExitCode:
    """Return the code for activities after waiting for their end."""
    code = ExitCode.DONE
    for activity in activities:
        if activity.state != "completed":
            return ExitCode.SERVICE_FAILED
        status = activity.status
        if status.error_count or status.correctable_count or status.cannot_add_to_list_count:
            code = ExitCode.NOT_ALL_ACCEPTED
    return code
