"""The command `cc-async`.

`main` is all there is to call. It needs the extra `cli`; without it, it says so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

_NEEDED = ("cyclopts", "rich")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Carry out the command line and leave with its exit code.

    Args:
        arguments: The words after the command's name; those of this process unless given.

    Raises:
        SystemExit: Always; `cc_async.cli._exit_codes` says which codes there are.
    """
    try:
        from cc_async.cli._main import carry_out

        code = carry_out(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:  # before or after anything was done; what was is told already
        raise SystemExit(130) from None
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        print("The command needs a few more packages: pip install 'cc-async[cli]'", file=sys.stderr)
        raise SystemExit(2) from None
    raise SystemExit(code)
