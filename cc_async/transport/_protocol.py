"""The seam between this package and a network: one method wide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from cc_async.wire import Reply, Request


class Transport(Protocol):
    """Carries one request there and its answer back. Whatever does this can be the network."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        """Return the answer to *request*, whatever its status.

        *headers* (the token among them) are added to what the request says of itself. The body
        of a success may go to the request's sink, piece by piece.

        Raises:
            ConnectionFailedError: Nothing left this machine.
            TransportTimeoutError: No answer in time; it may have been carried out.
            TransportError: No answer, for another reason; it may have been carried out.

        Cancellation:
            The connection is dropped; whether the request was carried out is not known.
        """
        ...

    async def aclose(self) -> None:
        """Let go of every connection."""
        ...
