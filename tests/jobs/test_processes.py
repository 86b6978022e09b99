"""An owner tells whether the process that made it is still alive."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

import pytest

from cc_async.jobs import _processes, bind_owner, new_owner, process_is_dead


class Holder:
    pass


def test_an_owner_lives_as_long_as_its_holder() -> None:
    """In the same process, the object that the owner is bound to decides."""
    owner, holder = new_owner(), Holder()
    assert process_is_dead(owner)
    bind_owner(owner, holder)
    assert not process_is_dead(owner)
    del holder
    gc.collect()
    assert process_is_dead(owner)


def test_a_process_of_this_machine_can_be_seen() -> None:
    """One that runs is alive, also where it belongs to another user; one that ended is dead."""
    machine, _, token = new_owner().rsplit(":", 2)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = f"{machine}:{process.pid}:{token}"
        assert not process_is_dead(owner)
        process.communicate(b"")
    assert process_is_dead(owner)
    assert not process_is_dead(f"{machine}:1:{token}")


def test_of_another_machine_nothing_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes count as alive, whatever their numbers."""
    with monkeypatch.context() as patch:
        patch.setattr(_processes, "_machine", lambda: "another")
        owner = new_owner()
    assert str(os.getpid()) in owner
    assert not process_is_dead(owner)


@pytest.mark.parametrize("owner", ["", "odd", "a:b", "a:b:c", ":", "::", f"{10**400}:1"])
def test_an_odd_name_is_not_surely_gone(owner: str) -> None:
    """A damaged record makes no process dead, and raises nothing."""
    assert not process_is_dead(owner)
