"""All that an error tells, the errors behind it included."""

from __future__ import annotations

import traceback


def told_by(error: BaseException) -> str:
    """Return text, hint and repr of *error* and of every error in its chain, with tracebacks."""
    told: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        told += [str(found), repr(found), str(getattr(found, "hint", ""))]
        told += traceback.format_exception(found)
        waiting += [found.__cause__, found.__context__]
    return "\n".join(told)
