"""The start of the command `cc-async`.

Modules take most of a second to load. Ctrl-C among them could be swallowed, or be printed with a
traceback. This module stands outside the package, so that it is prepared for ctrl-C before it
loads the package.
"""

from __future__ import annotations

import os
from signal import SIGINT, default_int_handler, getsignal, signal

_INTERRUPTED = 130
"""The exit code after ctrl-C: 128 and the number of the signal, as shells count."""


def main() -> None:
    """Run the command line of this process and exit; see `cc_async.cli.main`.

    Until the command's work begins, ctrl-C ends the process silently. Where ctrl-C is ignored from
    the start, as in the background of a shell script, it stays ignored.
    """
    if getsignal(SIGINT) is default_int_handler:
        signal(SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from cc_async.cli import main as run_command_line

    run_command_line()
