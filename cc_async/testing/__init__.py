"""Tools for the tests of programs that use this package."""

from cc_async.testing._transport import SandboxTransport

__all__ = ["SandboxTransport"]
