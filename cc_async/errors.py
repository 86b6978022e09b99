"""Every error this package raises on purpose, split by who can do something about it.

::

    ConstantContactError
    ├── InvalidRequestError (ValueError)     you: refused here, nothing was sent
    │   ├── InputError                         a file or row that cannot be read as contacts
    │   │   └── InputChangedError                the file is not what an unfinished job has read
    │   ├── ConsentRequiredError               a bulk sign-up without the caller's word
    │   ├── UnknownNameError                   a list or custom field the account does not have
    │   └── JobNotFoundError                   no job of that id, or it cannot go on
    ├── ClientStateError (RuntimeError)      you: a closed client, a second loop, no asyncio
    ├── AuthError                            you: no usable token; sign in again
    ├── TransportError                       network: no answer; it may have been carried out
    │   ├── ConnectionFailedError              nothing left this machine: safe to send again
    │   └── TransportTimeoutError (TimeoutError)
    ├── ApiError                             Constant Contact said no
    │   ├── BadRequestError 400
    │   ├── AuthenticationError 401
    │   ├── PermissionDeniedError 403
    │   ├── NotFoundError 404
    │   ├── ConflictError 409
    │   ├── RateLimitError 429                 a second, or the full queue of activities
    │   └── ServerError 5xx
    ├── UnexpectedResponseError              them or us: an answer nobody can read
    ├── DailyQuotaError                      the day's requests are used up, until 00:00 UTC
    ├── ActivityError                        accepted, then ended badly
    ├── JobBusyError                         another process is at work on the job
    ├── JobCancelledError                    another process gave the job up
    └── StoreError                           this machine's disk, or the database behind a store
        ├── StoreCorruptError
        │   └── StoredFormatError              written by another version of this package
        └── StoreLockedError

Errors are plain data: they pickle, copy and travel between processes. Their texts are for
people: tokens and e-mail addresses are masked before they are kept (`redact`). `hint` says
what to do. One without fields of its own is no attrs class: it inherits the methods of its parent,
and the import need not compile them again.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

import attrs

__all__ = [
    "ActivityError",
    "ApiError",
    "AuthError",
    "AuthenticationError",
    "BadRequestError",
    "ClientStateError",
    "ConflictError",
    "ConnectionFailedError",
    "ConsentRequiredError",
    "ConstantContactError",
    "DailyQuotaError",
    "InputChangedError",
    "InputError",
    "InvalidRequestError",
    "JobBusyError",
    "JobCancelledError",
    "JobNotFoundError",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "RateLimitError",
    "RateLimitKind",
    "ServerError",
    "StoreCorruptError",
    "StoreError",
    "StoreLockedError",
    "StoredFormatError",
    "TransportError",
    "TransportTimeoutError",
    "UnexpectedResponseError",
    "UnknownNameError",
    "redact",
]

RateLimitKind = Literal["throttled", "quota_exceeded", "queue_full"]
"""`throttled` clears within a second, `quota_exceeded` at 00:00 UTC, `queue_full` when jobs end."""

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:=&]+(?:@|%40)[^\s@<>\"'(),;:=&]+")
_TOKEN = re.compile(r"(?i)\bbearer\s+[^\s,;\"']+|\beyJ[\w-]{8,}(?:\.[\w-]*)*")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def redact(text: str) -> str:
    """Return *text* with e-mail addresses and tokens masked."""
    return _ADDRESS.sub("<address>", _TOKEN.sub("<token>", text))


def _redact_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(redact(text) for text in texts)


@attrs.frozen
class Problem:
    """One problem as the service words it."""

    error_key: str = attrs.field(converter=redact)
    error_message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.error_message or self.error_key


@attrs.frozen
class ConstantContactError(Exception):
    """Everything this package raises on purpose."""

    @property
    def hint(self) -> str:
        """What the reader can do about it; may be empty."""
        return ""


# --- you ----------------------------------------------------------------------------------


@attrs.frozen
class InvalidRequestError(ConstantContactError, ValueError):
    """Refused on this machine before anything was sent.

    *option* names the argument or the field of an options value to change, such as `mapping`;
    it is empty where none helps. The command looks up its flag by that name.
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
    """A source that cannot be read as contacts; nothing was sent.

    *line* counts from 1 and includes the heading row; 0 where no line is to blame. *column* is
    the heading as the file spells it, or empty.
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
    """The file differs from what the unfinished job *job_id* has read; nothing was sent."""

    job_id: str = ""


class ConsentRequiredError(InvalidRequestError):
    """A bulk sign-up without `consent="explicit"`; nothing was sent."""


@attrs.frozen
class UnknownNameError(InvalidRequestError):
    """A list or custom field was named that the account does not have; nothing was sent."""

    kind: str = ""
    name: str = attrs.field(default="", converter=redact)
    option: str = ""


class JobNotFoundError(InvalidRequestError):
    """There is no job of that id in the store, or none that could go on; nothing was sent."""


@attrs.frozen
class ClientStateError(ConstantContactError, RuntimeError):
    """The client was used where it cannot work: closed, in a second loop, without asyncio."""

    message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.message


@attrs.frozen
class AuthError(ConstantContactError):
    """There is no usable token. Somebody has to sign in again; nothing more was sent."""

    message: str = attrs.field(converter=redact)
    remedy: str = attrs.field(
        default="Sign in again, or set CC_ASYNC_ACCESS_TOKEN to a fresh access token.",
        converter=redact,
    )

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return self.remedy


# --- the network --------------------------------------------------------------------------


@attrs.frozen(slots=False)
class TransportError(ConstantContactError):
    """No answer arrived. Whether the request was carried out is not known."""

    message: str = attrs.field(converter=redact)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return "Check the network and try again."


class ConnectionFailedError(TransportError):
    """No connection came about, so nothing left this machine: safe to send again."""


class TransportTimeoutError(TransportError, TimeoutError):
    """No answer in time. Whether the request was carried out is not known."""


# --- Constant Contact said no -------------------------------------------------------------


@attrs.frozen
class ApiError(ConstantContactError):
    """Constant Contact answered, and the answer is no.

    *request_id* (`x-amzn-requestid`) and *tracking_id* (`x-eig-tracking-id`) are what the
    provider's support asks for; nothing in a body identifies a request.
    """

    status: int
    problems: tuple[Problem, ...] = ()
    request_id: str = ""
    tracking_id: str = ""

    def __str__(self) -> str:
        said = "; ".join(str(problem) for problem in self.problems) or "no reason given"
        return f"Constant Contact answered {self.status}: {said}"

    @property
    def error_keys(self) -> tuple[str, ...]:
        """The service's own keys, such as `contacts.api.conflict`."""
        return tuple(problem.error_key for problem in self.problems)


class BadRequestError(ApiError):
    """400 (and 405, 406, 415): the service calls the request wrong; a repeat would be too."""


class AuthenticationError(ApiError):
    """401: the access token is missing, expired or malformed, and no other could be had."""

    @property
    def hint(self) -> str:
        return "Sign in again, or set CC_ASYNC_ACCESS_TOKEN to a fresh access token."


@attrs.frozen
class PermissionDeniedError(ApiError):
    """403: a scope or a privilege is missing, or the application is switched off.

    *reason* says which, where it could be found out.
    """

    reason: str = attrs.field(default="", converter=redact)

    @property
    def hint(self) -> str:
        return self.reason or (
            "The token may lack the scope contact_data, the signed-in user the privilege "
            "contacts:write, or the application may be switched off."
        )


class NotFoundError(ApiError):
    """404: unknown id, or an activity older than its ten days."""


class ConflictError(ApiError):
    """409: it exists already, or two requests wrote to one contact at once."""

    @property
    def existing_id(self) -> str | None:
        """The id of the contact that has the address already, where the service names it."""
        for problem in self.problems:
            if found := _UUID.search(problem.error_message):
                return found.group().lower()
        return None


@attrs.frozen
class RateLimitError(ApiError):
    """429: too many requests in a second, or 1,000 activities are queued already.

    You get this error only when waiting would have passed the deadline. A used-up day is a
    `DailyQuotaError`.
    """

    kind: RateLimitKind = "throttled"
    retry_after: float | None = None

    @property
    def hint(self) -> str:
        if self.kind == "queue_full":
            return "Try again when some of the account's activities have finished."
        return "Something else is using the same API key; try again in a while."


class ServerError(ApiError):
    """5xx: the service or the edge in front of it is in trouble."""

    @property
    def hint(self) -> str:
        return "The service is in trouble; try again later."


@attrs.frozen
class UnexpectedResponseError(ConstantContactError):
    """An answer that cannot be read as what was asked for."""

    status: int
    details: str = attrs.field(converter=redact)
    request_id: str = ""
    tracking_id: str = ""

    def __str__(self) -> str:
        return f"Constant Contact answered {self.status} with {self.details}"

    @property
    def hint(self) -> str:
        return "Check the base URL; if it is right, the service is in trouble: try again later."


@attrs.frozen
class DailyQuotaError(ConstantContactError):
    """The application's requests for this UTC day are used up."""

    resets_at: dt.datetime

    def __str__(self) -> str:
        return f"the daily quota is used up until {self.resets_at:%Y-%m-%d %H:%M} UTC"

    @property
    def hint(self) -> str:
        return f"Go on after {self.resets_at:%Y-%m-%d %H:%M} UTC."


@attrs.frozen
class ActivityError(ConstantContactError):
    """The service accepted an activity and later gave it up."""

    activity_id: str
    state: str
    problems: tuple[str, ...] = attrs.field(default=(), converter=_redact_all)

    def __str__(self) -> str:
        said = "; ".join(self.problems) or "no reason given"
        return f"activity {self.activity_id} ended as {self.state}: {said}"


@attrs.frozen
class JobBusyError(ConstantContactError):
    """Another process is at work on the job. When it stops, or dies, the job is free again."""

    job_id: str

    def __str__(self) -> str:
        return f"another process is at work on job {self.job_id}"

    @property
    def hint(self) -> str:
        return "Wait for it, or try again in a minute."


@attrs.frozen
class JobCancelledError(ConstantContactError):
    """Somebody cancelled the job, here or in another process. Nothing more of it is sent."""

    job_id: str

    def __str__(self) -> str:
        return f"job {self.job_id} was cancelled"

    @property
    def hint(self) -> str:
        return "What the service had accepted, it carries out; `cc-async jobs show` says how much."


# --- this machine -------------------------------------------------------------------------


@attrs.frozen
class StoreError(ConstantContactError):
    """State could not be read or written: a disk, a folder, or a database."""

    message: str = attrs.field(converter=redact)
    remedy: str = attrs.field(default="", converter=redact)

    def __str__(self) -> str:
        return self.message

    @property
    def hint(self) -> str:
        return self.remedy


class StoreCorruptError(StoreError):
    """What is stored is damaged."""


class StoredFormatError(StoreCorruptError):
    """What is stored has a format that this version of the package does not read."""


class StoreLockedError(StoreError):
    """Another process has it, and did not let go in time."""
