"""Replies read into a model or an error, and error bodies written.

Error bodies come in seven forms of JSON, and the gateway in front of the service answers with HTML
or nothing. All of them become errors of `cc_async.errors`.
https://developer.constantcontact.com/api_guide/glossary_responses.html
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
from cc_async.wire._converter import CONVERTER, decode

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
"""The error for each status, https://developer.constantcontact.com/api_guide/glossary_responses.html"""

_MAX_PLACES = 5
"""Places of an unreadable reply that its error names; a page of 500 may be wrong in each."""

_TITLE = re.compile(r"<(?:title|h1)[^<>]*>([^<]*)</", re.IGNORECASE)

_READ_BYTES = 10_000
"""Bytes of an answer without JSON that are searched for a title; pages of gateways have some
hundred."""

_MOST_PROBLEMS = 20
"""Problems of one answer that are kept; documented answers name a handful."""

_QUEUE_FULL = re.compile(r"queued activities|too_many_activities", re.IGNORECASE)


@attrs.frozen
class Reply:
    """An answer of the service; *headers* have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def read_reply(reply: Reply, model: type[T]) -> T:
    """Return *reply* as a *model*.

    Raises:
        ApiError: The service refused the request; the status decides the class.
        UnexpectedResponseError: The reply is a success, but not readable as a *model*.
    """
    if not reply.is_success:
        raise read_error(reply)
    try:
        return decode(reply.body, model)
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise unreadable_reply(reply, error) from None


def read_items(reply: Reply, model: type[T]) -> tuple[T, ...]:
    """Return *reply*, a bare list, as *model* values; raises as `read_reply` does."""
    payload = read_json(reply)
    try:
        if not isinstance(payload, list):
            raise TypeError(f"expected a list, got {type(payload).__name__}")
        return tuple(CONVERTER.structure(item, model) for item in payload)
    except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
        raise unreadable_reply(reply, error) from None


def read_json(reply: Reply) -> Any:
    """Return the JSON of *reply*; raises as `read_reply` does."""
    if not reply.is_success:
        raise read_error(reply)
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError as error:
        raise unreadable_reply(reply, error) from None


def read_error(reply: Reply) -> ApiError | UnexpectedResponseError:
    """Return the error for *reply*, an answer that is no success."""
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
    return UnexpectedResponseError(
        reply.status, "a status that is neither a success nor an error", *ids
    )


def read_problems(body: bytes) -> tuple[Problem, ...]:
    """Return the problems that an error body names.

    Known forms are an array or an object of `error_key` and `error_message`, OAuth's `error` and
    `error_description`, the identity server's `errorCode` and `errorSummary`, the gateway's
    `message`, an HTML page, other text, and an empty body.
    """
    if not body.strip():
        return ()
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[:_READ_BYTES].decode("utf-8", "replace").strip()[:200]
        return (Problem("", page_title(body) or " ".join(text.split())),)
    items = payload if isinstance(payload, list) else [payload]
    return tuple(_read_problem(item) for item in items[:_MOST_PROBLEMS])


def page_title(body: bytes) -> str:
    """Return the title or first heading of an HTML page; empty text if there is none."""
    title = _TITLE.search(body[:_READ_BYTES].decode("utf-8", "replace"))
    return " ".join(title.group(1).split()) if title else ""


def rate_limit_kind(problems: tuple[Problem, ...]) -> RateLimitKind:
    """Return the kind of a 429; only `throttled` ends after a short wait.

    https://developer.constantcontact.com/api_guide/rate_limits.html
    """
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
    """Whether the retired gateway reported a limit: it used 403 and keys of its own."""
    return any(problem.error_key.startswith("mashery.not.authorized.over") for problem in problems)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of `retry-after`; the service has not sent that header so far."""
    value = headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None


def unreadable_reply(reply: Reply, error: Exception) -> UnexpectedResponseError:
    """Return the error for a success that is not readable, from the *error* of reading it."""
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip()
    if isinstance(error, ValueError) and not reply.body.strip():
        details = "an empty body"
    elif isinstance(error, orjson.JSONDecodeError):
        details = f"a body that is not JSON ({media_type or 'no content type'})"
    else:
        details = "JSON of another form: " + "; ".join(transform_error(error)[:_MAX_PLACES])
    return UnexpectedResponseError(
        reply.status,
        details,
        reply.headers.get("x-amzn-requestid", ""),
        reply.headers.get("x-eig-tracking-id", ""),
    )


def problem_array(*problems: Problem) -> bytes:
    """Return an error body of the service: 400, 404, 409 and most others."""
    return orjson.dumps([_plain(problem) for problem in problems])


def problem_object(problem: Problem) -> bytes:
    """Return an error body of the gateway: 401, 403, 429."""
    return orjson.dumps(_plain(problem))


def _plain(problem: Problem) -> dict[str, str]:
    return {"error_key": problem.error_key, "error_message": problem.error_message}
