"""The only place of the client that touches the network."""

from cc_async.transport._aiohttp import AiohttpTransport, Transport

__all__ = ["AiohttpTransport", "Transport"]
