"""Tools for the tests of programs that use this package."""

from ._transport import SandboxTransport

__all__ = ["SandboxTransport"]
