"""The command `cc-async`. It needs the extra `cli`."""

from __future__ import annotations

import os
import sys
from signal import SIGINT, default_int_handler, getsignal, signal

TYPE_CHECKING = False  # no `typing` either: all that is loaded before `main` can be interrupted
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main"]

_EXTRA_PACKAGES = ("cyclopts", "rich")

_INTERRUPTED = 130
"""The exit code after ctrl-C: 128 and the number of the signal, as shells count."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Args:
        arguments: The words after the command's name; those of this process unless given.

    Raises:
        SystemExit: Always, with the exit code of the command.
    """
    try:
        _leave_on_ctrl_c()
        from ._main import run_command

        code = run_command(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # outside the command's work, so there is nothing to report
        raise SystemExit(_INTERRUPTED) from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA_PACKAGES:
            raise
        print("The command needs a few more packages: pip install 'cc-async[cli]'", file=sys.stderr)
        raise SystemExit(2) from None
    raise SystemExit(code)


def _leave_on_ctrl_c() -> None:
    """Let ctrl-C end the process silently until the command's work begins.

    Modules take most of a second to load. A `KeyboardInterrupt` among them can be swallowed, or be
    printed with a traceback. A signal that is ignored from the start stays ignored.
    """
    if getsignal(SIGINT) is not default_int_handler:
        return
    try:  # noqa: SIM105 - `contextlib` takes a while to load, too
        signal(SIGINT, lambda *_: os._exit(_INTERRUPTED))
    except ValueError:  # threads other than the main one get no signals
        pass
