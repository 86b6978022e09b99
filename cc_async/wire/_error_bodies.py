"""Error bodies as the service writes them: an array, or a bare object from the gateway."""

from __future__ import annotations

import orjson

from cc_async.errors import Problem


def problem_array(*problems: Problem) -> bytes:
    """Return the body of a service error: 400, 404, 409 and most others."""
    return orjson.dumps([_plain(problem) for problem in problems])


def problem_object(problem: Problem) -> bytes:
    """Return the body of a gateway error: 401, 403, 429."""
    return orjson.dumps(_plain(problem))


def _plain(problem: Problem) -> dict[str, str]:
    return {"error_key": problem.error_key, "error_message": problem.error_message}
