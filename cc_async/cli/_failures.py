"""From an error to what a person reads: what happened, and what to do."""

from __future__ import annotations

import signal
from typing import Any

import attrs
from cyclopts import CycloptsError, MissingArgumentError, UnusedCliTokensError

from cc_async.cli._exit_codes import ExitCode, of_error
from cc_async.errors import (
    ApiError,
    BadRequestError,
    ClientStateError,
    ConflictError,
    ConstantContactError,
    NotFoundError,
    redact,
)

_HINTS: dict[type[ConstantContactError], str] = {
    NotFoundError: "Check the id and the base URL; activities are forgotten after ten days.",
    ConflictError: "It exists already, or somebody else is changing it; look before you repeat.",
    BadRequestError: "A repeat would be answered in the same way.",
    ClientStateError: "This should not happen; please report it.",
}


@attrs.frozen
class Failure:
    """Why a command did not do what it was asked for, and what to do about it."""

    type: str
    message: str
    hint: str
    exit_code: ExitCode

    def to_json(self) -> dict[str, Any]:
        """Return the value of `error` in a JSON answer."""
        return {"type": self.type, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        return f"cc-async: {self.message}" + (f"\n  {self.hint}" if self.hint else "")


def failure_of(error: BaseException) -> Failure:
    """Return the failure that *error* is.

    What nobody expected is not quoted: it could hold an address.
    """
    if isinstance(error, ConstantContactError):
        return Failure(type(error).__name__, str(error), _hint_of(error), of_error(error))
    if isinstance(error, KeyboardInterrupt):
        return interruption(signal.SIGINT)
    return Failure(
        type(error).__name__,
        f"something went wrong inside cc-async ({type(error).__name__})",
        "Run it again with CC_ASYNC_DEBUG=1 in the environment to see where, and report that.",
        of_error(error),
    )


def _hint_of(error: ConstantContactError) -> str:
    known = (_HINTS[kind] for kind in type(error).__mro__ if kind in _HINTS)
    hint = error.hint or next(known, "")
    if isinstance(error, ApiError) and error.request_id:
        hint += f" Constant Contact's support can look it up by the request id {error.request_id}."
    return hint.strip()


def usage_failure(error: CycloptsError) -> Failure:
    """Return the failure of a command line that cannot be understood."""
    message = str(error)
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        message = f"{error.argument.name} is missing, or what should follow it"
    if isinstance(error, UnusedCliTokensError):
        message = f"there is no use for {', '.join(map(repr, error.unused_tokens or ()))} here"
    chain = " ".join(error.command_chain or ())
    command = f"cc-async {chain}".strip()
    return Failure(
        "UsageError",
        redact(" ".join(message.split())),
        f"`{command} --help` shows what can be said.",
        ExitCode.BAD_USAGE,
    )


def interruption(number: signal.Signals) -> Failure:
    """Return the failure of a command that was told to stop."""
    if number == signal.SIGTERM:
        return Failure("Terminated", "stopped from outside", "", ExitCode.TERMINATED)
    return Failure("Interrupted", "stopped by you", "", ExitCode.INTERRUPTED)
