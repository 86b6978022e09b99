"""Replies read into a value or the right error, by pure functions.

The service has seven shapes of error body, and the edge in front of it answers with HTML or
nothing at all. All of them end here as one tree of errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
import orjson
from cattrs import transform_error

from cc_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    RateLimitError,
    RateLimitKind,
    ServerError,
    UnexpectedResponseError,
)
from cc_async.wire._converter import decode

T = TypeVar("T")

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: BadRequestError,
    406: BadRequestError,
    409: ConflictError,
    415: BadRequestError,
}

_TITLE = re.compile(r"<(?:title|h1)[^>]*>\s*(.*?)\s*</", re.IGNORECASE | re.DOTALL)
_QUEUE_FULL = re.compile(r"queued activities|too_many_activities", re.IGNORECASE)


@attrs.frozen
class Reply:
    """An answer as it came: *headers* are found by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def read_reply(reply: Reply, model: type[T]) -> T:
    """Return the *model* that *reply* holds.

    Raises:
        ApiError: The service said no; the kind is told by the status.
        UnexpectedResponseError: The reply is a success that cannot be read as a *model*.
    """
    if not reply.is_success:
        raise read_error(reply)
    try:
        return decode(reply.body, model)
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise _unreadable(reply, error) from None


def read_json(reply: Reply) -> Any:
    """Return the plain JSON of *reply*, or raise as `read_reply` does."""
    if not reply.is_success:
        raise read_error(reply)
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        raise _unreadable(reply, error) from None


def read_error(reply: Reply) -> ApiError | UnexpectedResponseError:
    """Return the error that *reply*, which is no success, stands for."""
    problems = read_problems(reply.body)
    ids = (reply.headers.get("x-amzn-requestid", ""), reply.headers.get("x-eig-tracking-id", ""))
    if reply.status == 429 or _is_mashery(problems):
        return RateLimitError(
            reply.status, problems, *ids, rate_limit_kind(problems), _retry_after(reply.headers)
        )
    if reply.status >= 500:
        return ServerError(reply.status, problems, *ids)
    if kind := _BY_STATUS.get(reply.status):
        return kind(reply.status, problems, *ids)
    if 400 <= reply.status < 500:
        return BadRequestError(reply.status, problems, *ids)
    return UnexpectedResponseError(reply.status, "an answer that is neither yes nor no", *ids)


def read_problems(body: bytes) -> tuple[Problem, ...]:
    """Return the problems that an error body of any known shape names.

    Known are: an array or an object of `error_key` and `error_message`, OAuth's `error` and
    `error_description`, the identity server's `errorCode` and `errorSummary`, the gateway's
    `message`, an HTML page, other text, and nothing.
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return ()
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        title = _TITLE.search(text)
        return (Problem("", " ".join((title.group(1) if title else text[:200]).split())),)
    items = said if isinstance(said, list) else [said]
    return tuple(_read_problem(item) for item in items)


def rate_limit_kind(problems: tuple[Problem, ...]) -> RateLimitKind:
    """Tell the three kinds of 429 apart: only throttling is cured by a short wait."""
    for problem in problems:
        if problem.error_key == "quota_exceeded" or "ratelimit" in problem.error_key:
            return "quota_exceeded"
        if _QUEUE_FULL.search(problem.error_key) or _QUEUE_FULL.search(problem.error_message):
            return "queue_full"
    return "throttled"


_KEYS = (
    ("error_key", "error_message"),
    ("error", "error_description"),
    ("errorCode", "errorSummary"),
    ("", "message"),
)


def _read_problem(item: Any) -> Problem:
    if not isinstance(item, dict):
        return Problem("", str(item))
    for key, message in _KEYS:
        if key in item or message in item:
            return Problem(str(item.get(key) or ""), str(item.get(message) or ""))
    return Problem("", "an error without a message")


def _is_mashery(problems: tuple[Problem, ...]) -> bool:
    """Limits of the retired gateway came as 403 with keys of its own; take them as limits."""
    return any(problem.error_key.startswith("mashery.not.authorized.over") for problem in problems)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, should the service ever say so; it never has."""
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def _unreadable(reply: Reply, error: Exception) -> UnexpectedResponseError:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
    if isinstance(error, ValueError) and not reply.body.strip():
        details = "an empty body"
    elif isinstance(error, orjson.JSONDecodeError):
        details = f"a body that is not JSON ({kind})"
    else:
        details = "JSON of another shape: " + "; ".join(transform_error(error))
    return UnexpectedResponseError(
        reply.status,
        details,
        reply.headers.get("x-amzn-requestid", ""),
        reply.headers.get("x-eig-tracking-id", ""),
    )
