"""`cc-async sandbox`."""

import socket

import pytest

from cc_async.cli._sandbox_command import FAULTS, read_shares
from cc_async.errors import InvalidRequestError
from cc_async.sandbox import FAULTS as SANDBOX_FAULTS, Sandbox
from tests.support.command import call


def test_the_help_names_the_faults_of_the_sandbox() -> None:
    """The faults that the help lists without loading the sandbox are those of the sandbox."""
    assert FAULTS == SANDBOX_FAULTS


def test_a_port_in_use_is_reported(sandbox: Sandbox) -> None:
    """The sandbox says that its port is in use, and how to get another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = call("sandbox", "--port", str(taken.getsockname()[1]))
    assert ended.code == 2
    assert "--port 0" in ended.err
    assert ended.out == ""


def test_faults_have_shares() -> None:
    """A fault is a name and a share from 0 to 1."""
    assert read_shares(["500=0.25", "hang=1"]) == {"500": 0.25, "hang": 1.0}
    for text in ("500", "500=2", "500=-1", "500=x", "500=nan"):
        with pytest.raises(InvalidRequestError):
            read_shares([text])
