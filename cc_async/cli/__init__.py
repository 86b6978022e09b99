"""The command `cc-async`. It needs the extra `cli`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

_EXTRA_PACKAGES = ("cyclopts", "rich")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Args:
        arguments: The words after the command's name; those of this process unless given.

    Raises:
        SystemExit: Always, with the exit code of the command.
    """
    try:
        from ._main import run_command

        code = run_command(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # outside the command's work, so there is nothing to report
        raise SystemExit(130) from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA_PACKAGES:
            raise
        print("The command needs a few more packages: pip install 'cc-async[cli]'", file=sys.stderr)
        raise SystemExit(2) from None
    raise SystemExit(code)
