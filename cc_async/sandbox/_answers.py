"""Answers: JSON that went well, and the ways of saying no.

A handler returns a `Reply` or raises a `Refusal`; nothing else leaves the sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import orjson

from cc_async.errors import Problem
from cc_async.wire import JSON, Reply, problem_array, problem_object


def json_reply(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer that carries *value*."""
    return Reply(status, {"content-type": JSON, **(headers or {})}, orjson.dumps(value))


@attrs.frozen
class Refusal(Exception):  # noqa: N818 - an answer, and no error of the sandbox
    """The sandbox says no, with this answer."""

    reply: Reply

    def __str__(self) -> str:
        return f"{self.reply.status}: {self.reply.body.decode()}"


def _array(status: int, key: str, message: str) -> Refusal:
    """Services answer with an array."""
    return Refusal(Reply(status, {"content-type": JSON}, problem_array(Problem(key, message))))


def _object(status: int, key: str, message: str, **headers: str) -> Refusal:
    """The gateway in front of them answers with a bare object."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = problem_object(Problem(key, message))
    return Refusal(Reply(status, {"content-type": JSON, **named}, body))


def invalid(message: str) -> Refusal:
    return _array(400, "contacts.api.validation.error", message)


def not_found(message: str = "The requested resource was not found.") -> Refusal:
    return _array(404, "contacts.api.not_found", message)


def conflict(message: str) -> Refusal:
    return _array(409, "contacts.api.conflict", message)


def wrong_media_type(message: str = "Unsupported Media Type") -> Refusal:
    return _array(415, "contacts.api.unsupported_media_type", message)


def wrong_method(allowed: str) -> Refusal:
    refusal = _array(405, "contacts.api.method_not_allowed", "Method Not Allowed")
    return Refusal(attrs.evolve(refusal.reply, headers={**refusal.reply.headers, "allow": allowed}))


def unauthorized() -> Refusal:
    """401, word for word and header for header as it was observed; 59 bytes."""
    return _object(
        401,
        "unauthorized",
        "Unauthorized",
        www_authenticate="Bearer realm=api.cc.email",
        x_amzn_errortype="UnauthorizedException",
        x_cache="Error from cloudfront",
    )


def forbidden() -> Refusal:
    """403 for a missing scope, a missing privilege and a switched-off application alike."""
    return _object(403, "forbidden", "Forbidden")


def throttled() -> Refusal:
    return _object(429, "throttled", "Too Many Requests")


def quota_exceeded() -> Refusal:
    return _object(429, "quota_exceeded", "Limit Exceeded")


def queue_full(limit: int) -> Refusal:
    return _array(
        429,
        "contacts.api.too_many_activities",
        f"Too many requests. You exceeded {limit:,} queued activities for this user account.",
    )


def too_large() -> Refusal:
    """What the gateway says to a body that it does not even take in."""
    return Refusal(
        Reply(413, {"content-type": JSON}, orjson.dumps({"message": "Request Too Long"}))
    )


def unknown_path() -> Refusal:
    """What the gateway says to a path it has no route for."""
    body = orjson.dumps({"message": "Missing Authentication Token"})
    headers = {"content-type": JSON, "x-amzn-errortype": "MissingAuthenticationTokenException"}
    return Refusal(Reply(403, headers, body))
