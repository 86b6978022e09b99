"""Text that must not be seen: it works like any other, but its `repr` is masked.

Tracebacks that show local variables, debuggers and error reporters print what `repr` returns.
"""

from __future__ import annotations


class Secret(str):
    """A token, code or password. Adding to it keeps the mask; `str(secret)` takes it off.

    Example:
        ::

            token = Secret("eyJraWQ")
            repr(token)                   # "'***'"
            "Bearer " + token             # a plain string: wrap it again
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class SecretBytes(bytes):
    """A body that carries secrets."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'***'"
