"""The only place of the client that touches the network."""

from ._aiohttp import AiohttpTransport, Transport

__all__ = ["AiohttpTransport", "Transport"]
