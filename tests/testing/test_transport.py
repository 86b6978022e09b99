"""The transport to a sandbox in the same process behaves as a network would."""

from __future__ import annotations

import io

import pytest

from cc_async.errors import TransportError, TransportTimeoutError
from cc_async.sandbox import Sandbox
from cc_async.testing import SandboxTransport
from cc_async.wire import JSON, Request

TOKEN = {"Authorization": "Bearer sandbox-token"}


class Sink:
    """Keeps a body in memory."""

    def __init__(self) -> None:
        self.body = io.BytesIO(b"of an earlier attempt")

    def begin(self) -> None:
        self.body = io.BytesIO()

    def write(self, piece: bytes) -> None:
        self.body.write(piece)


async def test_a_request_reaches_the_sandbox(cc_sandbox: Sandbox) -> None:
    """Method, path, query and body arrive, below the prefix of the API."""
    transport = SandboxTransport(cc_sandbox)
    request = Request("POST", "/contact_lists", "", b'{"name": "Spring fair"}', JSON)
    reply = await transport.send(request, TOKEN)
    assert reply.is_success
    (received,) = cc_sandbox.received
    assert (received.method, received.path, received.body) == (
        "POST", "/v3/contact_lists", request.body,
    )  # fmt: skip


async def test_a_cut_connection_is_an_error(cc_sandbox: Sandbox) -> None:
    """A connection that the sandbox cuts raises `TransportError`."""
    cc_sandbox.faults.add("cut-after")
    with pytest.raises(TransportError, match="cut the connection"):
        await SandboxTransport(cc_sandbox).send(Request("GET", "/contact_lists"), TOKEN)


@pytest.mark.looptime
async def test_a_late_answer_is_a_timeout(cc_sandbox: Sandbox) -> None:
    """An answer after the timeout raises `TransportTimeoutError`."""
    cc_sandbox.faults.add("hang")
    transport = SandboxTransport(cc_sandbox, timeout=5.0)
    with pytest.raises(TransportTimeoutError):
        await transport.send(Request("GET", "/contact_lists"), TOKEN)


async def test_a_sink_takes_the_body_of_a_success(cc_sandbox: Sandbox) -> None:
    """A success goes to the sink from its beginning; the reply comes without a body."""
    sink = Sink()
    transport = SandboxTransport(cc_sandbox)
    reply = await transport.send(Request("GET", "/contact_lists", sink=sink), TOKEN)
    assert reply.body == b""
    assert b"Newsletter" in sink.body.getvalue()
    refused = await transport.send(Request("GET", "/contact_lists", sink=sink), {})
    assert (refused.status, bool(refused.body)) == (401, True)
