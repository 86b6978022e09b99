"""A local Constant Contact, for tests and for first steps without an account.

It holds contacts, lists and custom fields in memory, keeps the service's limits, and answers as
the service does, faults included (`Sandbox.faults`). It sends no mail.
"""

from cc_async.sandbox._clock import Clock
from cc_async.sandbox._sandbox import Sandbox
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http import (
    FAULTS,
    ConnectionCut,
    Fault,
    Faults,
    HalfBody,
    ReceivedLog,
    ReceivedRequest,
    SandboxServer,
)
from cc_async.sandbox.storage import Rights

__all__ = [
    "FAULTS",
    "Clock",
    "ConnectionCut",
    "Fault",
    "Faults",
    "HalfBody",
    "ReceivedLog",
    "ReceivedRequest",
    "Rights",
    "Sandbox",
    "SandboxServer",
    "SandboxSettings",
]
