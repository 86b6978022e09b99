"""Every error that this package raises on purpose.

::

    ConstantContactError
    ├── InvalidRequestError (ValueError)     refused on this machine; nothing was sent
    │   ├── InputError                         a file or row is not readable as contacts
    │   │   └── InputChangedError                the file has changed since a job read it
    │   ├── ConsentRequiredError               a bulk sign-up without consent="explicit"
    │   ├── UnknownNameError                   the account has no such list or custom field
    │   ├── TooManyAttemptsError               an address was signed up three times within a day
    │   └── JobNotFoundError                   no such job, or none that can be resumed
    ├── ClientStateError (RuntimeError)      the client is closed, in a second loop, or without asyncio
    ├── AuthError                            no usable token; sign in again
    │   └── OtherAccountError                  the token belongs to another account than the job
    ├── UnknownAccountError                  it is unknown which account the token belongs to
    ├── TransportError                       no answer; the service may have executed the request
    │   ├── ConnectionFailedError              no connection; nothing was sent
    │   └── TransportTimeoutError (TimeoutError)
    │       └── DeadlineError                    the call's deadline passed
    ├── ApiError                             Constant Contact refused the request
    │   ├── BadRequestError 400
    │   │   └── AddressRefusedError                a sign-up's address is called invalid, or is blocked
    │   ├── AuthenticationError 401
    │   ├── PermissionDeniedError 403
    │   ├── NotFoundError 404
    │   ├── ConflictError 409
    │   ├── RateLimitError 429                 too many in a second, or a full queue of activities
    │   └── ServerError 5xx
    ├── UnexpectedResponseError              an unreadable answer
    ├── DailyQuotaError                      the day's requests are used up until 00:00 UTC
    ├── ActivityOverdueError                 the service works on an import for longer than max_wait
    ├── JobBusyError                         another process runs the job
    ├── JobCancelledError                    the job was cancelled
    └── StoreError                           a disk, a folder or a database failed
        ├── StoreCorruptError
        │   └── StoredFormatError              written by another version of this package
        └── StoreLockedError

Errors are plain data: they can be pickled, copied and sent between processes. Tokens and e-mail
addresses are masked in every text (`redact`). `hint` tells the reader how to go on.

A class without fields of its own is no attrs class: it inherits its parent's methods, and the
import of this module compiles less.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import attrs

__all__ = [
    "ActivityOverdueError", "AddressRefusedError", "ApiError", "AuthError", "AuthenticationError", "BadRequestError", "ClientStateError",
    "ConflictError", "ConnectionFailedError", "ConsentRequiredError", "ConstantContactError",
    "DailyQuotaError", "DeadlineError", "InputChangedError", "InputError", "InvalidRequestError", "JobBusyError",
    "JobCancelledError", "JobNotFoundError", "NotFoundError", "OtherAccountError", "PermissionDeniedError", "Problem",
    "RateLimitError", "RateLimitKind", "ServerError", "StoreCorruptError", "StoreError",
    "StoreLockedError", "StoredFormatError", "TooManyAttemptsError", "TransportError", "TransportTimeoutError",
    "UnexpectedResponseError", "UnknownAccountError", "UnknownNameError", "redact",
]  # fmt: skip

RateLimitKind = Literal["throttled", "quota_exceeded", "queue_full"]
"""Kinds of 429: `throttled` ends within a second, `quota_exceeded` at 00:00 UTC, and `queue_full`
as activities finish. https://developer.constantcontact.com/api_guide/rate_limits.html
"""

_LONGEST_TEXT = 4_000
"""Characters of one text in an error. The longest of this package, a list of all custom fields, fits;
a text from outside, such as a heading or an answer, may have any length.
"""

_LONGEST_SECRET = 2_000
"""Characters beyond the cut that are masked too, so that no half of an address or token stays:
access tokens have up to 1,500 characters.
"""

_RUN = re.compile(r"[^\s<>\"'(),;:=&]+")
_TOKEN = re.compile(r"(?i)\bbearer\s+[^\s,;\"']+|\beyJ[\w-]{8,}(?:\.[\w-]*)*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


_SIGN_IN_AGAIN = "Sign in again, or set CC_ASYNC_ACCESS_TOKEN to a fresh access token."


def redact(text: str) -> str:
    """Return *text* with e-mail addresses and tokens masked; beyond 4,000 characters it is cut.

    The time grows with the length of the text, not with its square.
    """
    masked = _TOKEN.sub("<token>", text[: _LONGEST_TEXT + _LONGEST_SECRET])
    masked = _RUN.sub(_mask_address, masked)
    if len(text) <= _LONGEST_TEXT or len(masked) <= _LONGEST_TEXT:
        return masked
    return masked[: _LONGEST_TEXT - 1] + "…"


def _mask_address(run: re.Match[str]) -> str:
    local, _, domain = run[0].replace("%40", "@").strip("@").partition("@")
    return "<address>" if local and domain else run[0]


@attrs.frozen
class Problem:
    """One problem in the words of the service."""

    error_key: str = attrs.field(converter=redact)
    error_message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.error_message or self.error_key


@attrs.frozen
class ConstantContactError(Exception):
    """Base class of all errors of this package."""

    @property
    def hint(self) -> str:
        """Advice for the reader of the error; may be empty."""
        return ""


# --- the caller ---------------------------------------------------------------------------


@attrs.frozen
class InvalidRequestError(ConstantContactError, ValueError):
    """The package refused the call; nothing was sent.

    *option* names the argument, or the field of an options value, to change, such as `mapping`;
    it is empty if none helps. The command finds its flag by that name.
    """

    message: str = attrs.field(converter=redact)
    remedy: str = attrs.field(default="", converter=redact)
    option: str = ""

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return self.remedy


@attrs.frozen
class InputError(InvalidRequestError):
    """A source is not readable as contacts; nothing was sent.

    *line* counts from 1 and includes the heading row; it is 0 if no single line is at fault.
    *column* is the heading in the file's spelling, or empty.
    """

    source: str = attrs.field(default="", converter=redact)
    line: int = 0
    column: str = attrs.field(default="", converter=redact)
    option: str = ""

    def __str__(self) -> str:
        place = self.source
        if self.line:
            place += f", line {self.line}"
        if self.column:
            place += f", column {self.column!r}"
        return f"{place}: {self.message}" if place else self.message


@attrs.frozen
class InputChangedError(InputError):
    """The file has changed since the unfinished job *job_id* read it; nothing was sent."""

    job_id: str = ""


class ConsentRequiredError(InvalidRequestError):
    """A bulk sign-up without `consent="explicit"`; nothing was sent."""


@attrs.frozen
class UnknownNameError(InvalidRequestError):
    """The account has no list or custom field of this name; nothing was sent."""

    kind: str = ""
    name: str = attrs.field(default="", converter=redact)
    option: str = ""


class TooManyAttemptsError(InvalidRequestError):
    """An address was signed up three times within 24 hours; nothing more was sent for it.

    The service blocks an address for two days after more than five attempts.
    """


class JobNotFoundError(InvalidRequestError):
    """The store has no job of this id, or no job that can be resumed; nothing was sent."""


@attrs.frozen
class ClientStateError(ConstantContactError, RuntimeError):
    """The client is closed, belongs to another event loop, or runs without asyncio."""

    message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.message


@attrs.frozen
class AuthError(ConstantContactError):
    """There is no usable token; nothing more was sent. The user must sign in again."""

    message: str = attrs.field(converter=redact)
    remedy: str = attrs.field(default=_SIGN_IN_AGAIN, converter=redact)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return self.remedy


class OtherAccountError(AuthError):
    """The token belongs to another account than the jobs of this client; nothing more was sent."""


@attrs.frozen
class UnknownAccountError(ConstantContactError):
    """It is unknown which account the token belongs to, so no job was read or written.

    A JWT tells it. For another token the service is asked, and did not answer as it should.
    """

    message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return "Name the account: set CC_ASYNC_ACCOUNT, or pass account=… to ConstantContact."


# --- the network --------------------------------------------------------------------------


@attrs.frozen(slots=False)
class TransportError(ConstantContactError):
    """No answer arrived. The service may have executed the request."""

    message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return "Check the network and try again."


class ConnectionFailedError(TransportError):
    """The connection failed before anything was sent, so a repeat is safe."""


class TransportTimeoutError(TransportError, TimeoutError):
    """No answer arrived in time. The service may have executed the request."""


@attrs.frozen(slots=False)
class DeadlineError(TransportTimeoutError):
    """The deadline of a call passed, with its wait for a permit and all its attempts.

    If *was_sent* is false, the request never left this machine.
    """

    was_sent: bool = True

    @classmethod
    def after(cls, seconds: float, *, was_sent: bool) -> DeadlineError:
        """Return the error of a call that was given up after so many seconds."""
        if was_sent:
            return cls(f"no answer came within the {seconds:.0f} s of this call")
        return cls(
            f"the call waited {seconds:.0f} s for a permit or a token, and was not sent",
            was_sent=False,
        )

    @property
    def hint(self) -> str:
        if self.was_sent:
            return "The service may have acted on it. Look, then try again or allow more time."
        return "Other work uses the application's requests; try again or allow more time."


# --- the service --------------------------------------------------------------------------


@attrs.frozen
class ApiError(ConstantContactError):
    """Constant Contact refused the request.

    The provider's support asks for *request_id* (header `x-amzn-requestid`) and *tracking_id*
    (`x-eig-tracking-id`): nothing in a body identifies a request.
    https://developer.constantcontact.com/api_guide/glossary_responses.html
    """

    status: int
    problems: tuple[Problem, ...] = ()
    request_id: str = ""
    tracking_id: str = ""

    def __str__(self) -> str:
        reasons = "; ".join(map(str, self.problems)) or "no reason given"
        return f"Constant Contact answered {self.status}: {reasons}"

    @property
    def error_keys(self) -> tuple[str, ...]:
        """The service's own keys, such as `contacts.api.conflict`."""
        return tuple(problem.error_key for problem in self.problems)


class BadRequestError(ApiError):
    """400 (also 405, 406, 415): the request is wrong, and a repeat would be refused too."""


class AddressRefusedError(BadRequestError):
    """400 to a sign-up, with the words that its address is invalid; it may be right, and blocked.

    https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
    """

    @property
    def hint(self) -> str:
        return (
            "The service says the same of an address that was tried more than five times in a day, "
            "and blocks it for two days: if the address is right, try again after that."
        )


@attrs.frozen
class AuthenticationError(ApiError):
    """401: the access token is missing, expired or malformed, and could not be renewed.

    *is_token_fresh* says that the token had just been renewed: a new sign-in would not help.
    """

    is_token_fresh: bool = False

    @property
    def hint(self) -> str:
        if self.is_token_fresh:
            return (
                "The service refuses fresh tokens. Check that the base URL and the authorization "
                "server belong together; if they do, try again later."
            )
        return _SIGN_IN_AGAIN


@attrs.frozen
class PermissionDeniedError(ApiError):
    """403: a scope or a privilege is missing, or the application is disabled.

    *reason* names the cause if it is known.
    """

    reason: str = attrs.field(default="", converter=redact)

    @property
    def hint(self) -> str:
        return self.reason or (
            "The token may lack the scope contact_data, the signed-in user the privilege "
            "contacts:write, or the application may be disabled."
        )


class NotFoundError(ApiError):
    """404: the id is unknown, or the activity is older than ten days."""


class ConflictError(ApiError):
    """409: the thing exists already, or two requests changed one contact at the same time."""

    @property
    def existing_id(self) -> str | None:
        """The id of the contact that already has the address, if the service names it."""
        for problem in self.problems:
            if found := _UUID.search(problem.error_message):
                return found.group().lower()
        return None

    @property
    def hint(self) -> str:
        if self.existing_id is not None:
            return (
                f"Update contact {self.existing_id}: it has the address or number, perhaps as a "
                "deleted or unsubscribed contact."
            )
        return (
            "It exists already: find it by its name and use it, or take another name. If another "
            "request was changing it, try again later."
        )


@attrs.frozen
class RateLimitError(ApiError):
    """429: too many requests in a second, or 1,000 activities are already queued.

    The package waits and repeats; this error is raised only if the wait would pass the deadline.
    If the day's requests are used up, `DailyQuotaError` is raised instead.
    """

    kind: RateLimitKind = "throttled"
    retry_after: float | None = None

    @property
    def hint(self) -> str:
        if self.kind == "queue_full":
            return "Try again when some of the account's activities have finished."
        return "Another program uses the same API key; try again later."


class ServerError(ApiError):
    """5xx: the service, or the gateway in front of it, has a fault."""

    @property
    def hint(self) -> str:
        return "The service has a fault; try again later."


@attrs.frozen
class UnexpectedResponseError(ConstantContactError):
    """The answer is not readable, or has another form than the request expects."""

    status: int
    details: str = attrs.field(converter=redact)
    request_id: str = ""
    tracking_id: str = ""

    def __str__(self) -> str:
        return f"Constant Contact answered {self.status} with {self.details}"

    @property
    def hint(self) -> str:
        return "Check the base URL; if it is right, the service has a fault: try again later."


@attrs.frozen
class DailyQuotaError(ConstantContactError):
    """The application's requests for this UTC day are used up.

    https://developer.constantcontact.com/api_guide/rate_limits.html
    """

    resets_at: dt.datetime

    def __str__(self) -> str:
        return f"the daily quota is used up until {self.resets_at:%Y-%m-%d %H:%M} UTC"

    @property
    def hint(self) -> str:
        return f"Go on after {self.resets_at:%Y-%m-%d %H:%M} UTC."


@attrs.frozen
class ActivityOverdueError(ConstantContactError):
    """The service has reported activities of the job as running for longer than `max_wait`.

    Nothing is lost: the job can be resumed, and then waits as long once more.
    """

    job_id: str
    seconds: float

    def __str__(self) -> str:
        hours = self.seconds / 3600
        return f"job {self.job_id} has waited {hours:.1f} hours for the service, which still works on it"

    @property
    def hint(self) -> str:
        return "Look at the account's activities, and resume the job later."


@attrs.frozen
class JobBusyError(ConstantContactError):
    """Another process runs the job. The job becomes free when that process stops or dies."""

    job_id: str

    def __str__(self) -> str:
        return f"another process is running job {self.job_id}"

    @property
    def hint(self) -> str:
        return "Wait until it has finished, or try again in a minute."


@attrs.frozen
class JobCancelledError(ConstantContactError):
    """The job was cancelled, here or in another process. Nothing more of it is sent."""

    job_id: str

    def __str__(self) -> str:
        return f"job {self.job_id} was cancelled"

    @property
    def hint(self) -> str:
        return "The service finishes the activities that it had accepted; the job's report counts them."


# --- this machine -------------------------------------------------------------------------


@attrs.frozen
class StoreError(ConstantContactError):
    """Stored state could not be read or written: a disk, a folder or a database failed.

    *is_waited_out* says that a job has waited for the store with all its patience.
    """

    message: str = attrs.field(converter=redact)
    remedy: str = attrs.field(default="", converter=redact)
    is_waited_out: bool = False

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return self.remedy


class StoreCorruptError(StoreError):
    """Stored state is damaged."""


class StoredFormatError(StoreCorruptError):
    """Stored state has a format that this version of the package does not read."""


class StoreLockedError(StoreError):
    """Another process holds the lock and did not release it in time."""
