"""The network of a job: each request leaves only if the process still drives the job."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import attrs

from cc_async.transport import Transport
from cc_async.wire import Reply, Request


@attrs.frozen(eq=False)
class GuardedTransport:
    """A network that calls *before* each request, after the wait for a permit.

    An error of *before* means that the request did not leave.
    """

    transport: Transport
    before: Callable[[], Awaitable[None]]

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Send one request; see `Transport.send`."""
        await self.before()
        return await self.transport.send(request, headers)

    async def aclose(self) -> None:
        """Leave the network open: it belongs to the client."""
