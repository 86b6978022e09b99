"""Owners: names that tell whether the process that made them is still alive.

A dead process of the same machine can be seen. In the same process an owner is bound to an
object and dies with it. Of another machine nothing can be seen.
"""

from __future__ import annotations

import os
import secrets
import socket
import weakref
from pathlib import Path

_BOUND: weakref.WeakValueDictionary[str, object] = weakref.WeakValueDictionary()
"""The owners of this process. After a restart another process may have its number."""


def new_owner() -> str:
    """Return a name that no other process has: machine, process and a random part."""
    return f"{_machine()}:{os.getpid()}:{secrets.token_hex(8)}"


def bind_owner(owner: str, holder: object) -> None:
    """Let *owner* be alive for as long as *holder* exists."""
    _BOUND[owner] = holder


def process_is_dead(owner: str) -> bool:
    """Whether *owner* was of this machine and is surely gone; an odd name is of no machine."""
    machine, _, process = owner.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not process.isdecimal():
        return False
    if int(process) == os.getpid():
        return owner not in _BOUND
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _machine() -> str:
    """Return a name for this machine and its process numbers: a container has its own."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()
