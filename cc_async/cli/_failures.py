"""From an error to the message that a person reads: the cause and the remedy."""

from __future__ import annotations

import signal
from typing import Any

import attrs
from cyclopts import CycloptsError, MissingArgumentError, UnknownOptionError, UnusedCliTokensError

from cc_async.cli._exit_codes import ExitCode, of_error
from cc_async.cli._hints import hint_for
from cc_async.errors import ConstantContactError, redact

_FORMER_FLAGS = {
    "--format": "--format is two flags now: --send-as for what is sent, and --read-as for what the "
    "file holds",
    "--left-list-from": "--left-list-from is gone; --suppress takes a file of addresses to leave "
    "out",
}
"""Flags of earlier versions, and the flags in their place."""


@attrs.frozen
class CommandFailure:
    """The cause of a command's failure, and the remedy."""

    type: str
    message: str
    hint: str
    exit_code: ExitCode

    def to_json(self) -> dict[str, Any]:
        """Return the value of `error` in a JSON answer."""
        return {"type": self.type, "message": self.message, "hint": self.hint}

    def __str__(self) -> str:
        return f"cc-async: {self.message}" + (f"\n  {self.hint}" if self.hint else "")


def failure_of(error: BaseException) -> CommandFailure:
    """Return the failure for *error*.

    The text of an error from outside this package is left out: it could hold an address.
    """
    if isinstance(error, ConstantContactError):
        return CommandFailure(type(error).__name__, str(error), hint_for(error), of_error(error))
    if isinstance(error, KeyboardInterrupt):
        return interruption(signal.SIGINT)
    return CommandFailure(
        type(error).__name__,
        f"something went wrong inside cc-async ({type(error).__name__})",
        "Run it again with CC_ASYNC_DEBUG=1 in the environment to see where, and report that.",
        of_error(error),
    )


def usage_failure(error: CycloptsError) -> CommandFailure:
    """Return the failure for a command line that cannot be parsed."""
    chain = " ".join(error.command_chain or ())
    command = f"cc-async {chain}".strip()
    return CommandFailure(
        "UsageError",
        redact(" ".join(_usage_message(error).split())),
        f"`{command} --help` shows what it takes.",
        ExitCode.BAD_USAGE,
    )


def _usage_message(error: CycloptsError) -> str:
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        return f"{error.argument.name} or its value is missing"
    if isinstance(error, UnusedCliTokensError):
        tokens = list(map(repr, error.unused_tokens or ()))
        return f"unexpected argument{'s' if len(tokens) > 1 else ''} {', '.join(tokens)}"
    if isinstance(error, UnknownOptionError):
        flag = (error.token.keyword or "").partition("=")[0]
        return _FORMER_FLAGS.get(flag, str(error))
    return str(error)


def interruption(number: signal.Signals) -> CommandFailure:
    """Return the failure of a command that was told to stop."""
    if number == signal.SIGHUP:
        return CommandFailure("HungUp", "stopped: the terminal was closed", "", ExitCode.HUNG_UP)
    if number == signal.SIGTERM:
        return CommandFailure("Terminated", "stopped from outside", "", ExitCode.TERMINATED)
    return CommandFailure("Interrupted", "stopped by you", "", ExitCode.INTERRUPTED)
