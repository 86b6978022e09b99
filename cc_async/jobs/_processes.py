"""Who has something in hand: a name that tells whether its owner is still there.

On the same machine it can be seen that a process is gone, and in the same process, that nobody
has the name any more. Of another machine nothing can be seen.
"""

from __future__ import annotations

import os
import secrets
import socket
import weakref
from pathlib import Path

_HERE: weakref.WeakValueDictionary[str, object] = weakref.WeakValueDictionary()
"""Who holds which name in this process. After a restart another one may have its number."""


def new_owner() -> str:
    """Return a name that nobody else has."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"


def register(owner: str, holder: object) -> None:
    """Note that *owner* is there as long as *holder* is."""
    _HERE[owner] = holder


def is_gone(owner: str) -> bool:
    """Whether *owner* was somebody on this machine who is no more."""
    machine, pid, _ = owner.rsplit(":", 2)
    if machine != _machine():
        return False
    if int(pid) == os.getpid():
        return owner not in _HERE
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _machine() -> str:
    """Return what tells this machine, and this view of its processes, from any other."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()
