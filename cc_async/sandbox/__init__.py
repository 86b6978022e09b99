"""A local Constant Contact, for tests and for first steps without an account.

It holds contacts, lists and custom fields in memory, keeps the service's limits, and answers as
the service does, faults included (`Sandbox.faults`). It sends no mail.
"""

from ._clock import Clock
from ._sandbox import Sandbox
from ._settings import SandboxSettings
from .http import (
    FAULTS,
    ConnectionCut,
    Fault,
    Faults,
    HalfBody,
    ReceivedLog,
    ReceivedRequest,
    SandboxServer,
)
from .storage import Rights

__all__ = [
    "FAULTS", "Clock", "ConnectionCut", "Fault", "Faults", "HalfBody", "ReceivedLog",
    "ReceivedRequest", "Rights", "Sandbox", "SandboxServer", "SandboxSettings",
]  # fmt: skip
