"""Replies in JSON, and the replies that refuse a request.

An operation returns a `Reply` or raises an `ErrorReply`; nothing else leaves the sandbox. Status,
key and shape of each refusal follow the guide:
https://developer.constantcontact.com/api_guide/glossary_responses.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from cc_async.errors import Problem
from cc_async.wire import JSON, Reply, problem_array, problem_object


def json_reply(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply that carries *value* as JSON."""
    return Reply(status, {"content-type": JSON, **(headers or {})}, orjson.dumps(value))


@attrs.frozen
class ErrorReply(Exception):  # noqa: N818 - a reply, and no error of the sandbox
    """Ends an operation with this reply."""

    reply: Reply

    def __str__(self) -> str:
        return f"{self.reply.status}: {self.reply.body.decode()}"


def _array(status: int, key: str, message: str) -> ErrorReply:
    """Return a refusal by a service: an array of problems."""
    return ErrorReply(Reply(status, {"content-type": JSON}, problem_array(Problem(key, message))))


def _object(status: int, key: str, message: str, **headers: str) -> ErrorReply:
    """Return a refusal by the gateway in front of the services: a bare object."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = problem_object(Problem(key, message))
    return ErrorReply(Reply(status, {"content-type": JSON, **named}, body))


def bad_request(message: str) -> ErrorReply:
    return _array(400, "contacts.api.validation.error", message)


def not_found(message: str = "The requested resource was not found.") -> ErrorReply:
    return _array(404, "contacts.api.not_found", message)


def conflict(message: str) -> ErrorReply:
    return _array(409, "contacts.api.conflict", message)


def unsupported_media_type(message: str = "Unsupported Media Type") -> ErrorReply:
    return _array(415, "contacts.api.unsupported_media_type", message)


def method_not_allowed(allowed: str) -> ErrorReply:
    error = _array(405, "contacts.api.method_not_allowed", "Method Not Allowed")
    return ErrorReply(attrs.evolve(error.reply, headers={**error.reply.headers, "allow": allowed}))


def unauthorized() -> ErrorReply:
    """Return 401 with the body of 59 bytes and the headers that were observed."""
    return _object(
        401,
        "unauthorized",
        "Unauthorized",
        www_authenticate="Bearer realm=api.cc.email",
        x_amzn_errortype="UnauthorizedException",
        x_cache="Error from cloudfront",
    )


def forbidden() -> ErrorReply:
    """Return 403: for a missing scope, a missing privilege and a switched-off application."""
    return _object(403, "forbidden", "Forbidden")


def too_many_requests() -> ErrorReply:
    """Return 429 for too many requests in one second.

    https://developer.constantcontact.com/api_guide/rate_limits.html
    """
    return _object(429, "throttled", "Too Many Requests")


def quota_exceeded() -> ErrorReply:
    """Return 429 for too many requests in one day; see `too_many_requests`."""
    return _object(429, "quota_exceeded", "Limit Exceeded")


def queue_full(limit: int) -> ErrorReply:
    """Return 429 for too many waiting activities."""
    return _array(
        429,
        "contacts.api.too_many_activities",
        f"Too many requests. You exceeded {limit:,} queued activities for this user account.",
    )


def payload_too_large() -> ErrorReply:
    """Return 413 in the gateway's own shape."""
    body = orjson.dumps({"message": "Request Too Long"})
    return ErrorReply(Reply(413, {"content-type": JSON}, body))


def unknown_path() -> ErrorReply:
    """Return 403, the gateway's reply to a path without a route."""
    body = orjson.dumps({"message": "Missing Authentication Token"})
    headers = {"content-type": JSON, "x-amzn-errortype": "MissingAuthenticationTokenException"}
    return ErrorReply(Reply(403, headers, body))
