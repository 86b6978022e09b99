"""The only place of the client that touches the network."""

from ._aiohttp import MAX_FILE, MAX_REPLY, AiohttpTransport, Transport

__all__ = ["MAX_FILE", "MAX_REPLY", "AiohttpTransport", "Transport"]
