"""Secret text: it works like any other text, but its `repr` is masked.

Debuggers, error reporters and tracebacks with local variables print the `repr`.
"""

from __future__ import annotations


class Secret(str):
    """A token, code or password. `str(secret)` and `+` return plain text without the mask.

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
