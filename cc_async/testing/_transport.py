"""A transport to a sandbox in the same process, for tests in virtual time."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
import attrs

from cc_async.errors import TransportError, TransportTimeoutError
from cc_async.sandbox import ConnectionCut, Sandbox
from cc_async.wire import API_PREFIX, Reply, Request


class SandboxTransport:
    """Hands requests to *sandbox* without a socket, and raises its faults as a network would.

    ::

        sandbox = Sandbox()
        async with ConstantContact(
            "sandbox-token", transport=SandboxTransport(sandbox), stores="memory:"
        ) as cc:
            ...

    Args:
        sandbox: The sandbox that answers.
        timeout: Seconds to wait for an answer.
    """

    def __init__(self, sandbox: Sandbox, *, timeout: float = 60.0) -> None:
        self._sandbox = sandbox
        self._timeout = timeout

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Return the sandbox's answer to *request*.

        Raises:
            TransportError: The sandbox cut the connection.
            TransportTimeoutError: The sandbox did not answer in time.
        """
        all_headers = {"Accept": request.accept, **headers}
        if request.content_type is not None:
            all_headers["Content-Type"] = request.content_type
        path = API_PREFIX + request.path
        try:
            with anyio.fail_after(self._timeout):
                reply = await self._sandbox.respond(
                    request.method, path, request.query, all_headers, request.body or b""
                )
        except TimeoutError:
            raise TransportTimeoutError("the sandbox did not answer in time") from None
        except ConnectionCut:
            raise TransportError("the sandbox cut the connection") from None
        if request.sink is None or not reply.is_success:
            return reply
        request.sink.begin()
        request.sink.write(reply.body)
        return attrs.evolve(reply, body=b"")

    async def aclose(self) -> None:
        """Do nothing: no connection is open."""
