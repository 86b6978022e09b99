"""What the tests of programs that use this package can stand on."""

from cc_async.testing._transport import SandboxTransport

__all__ = ["SandboxTransport"]
