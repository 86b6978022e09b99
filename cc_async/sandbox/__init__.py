"""A local Constant Contact, for tests and for trying things out without an account.

It holds contacts, lists and custom fields in memory, keeps the service's limits, and answers
as the service does, bad days included (`Sandbox.faults`). It sends no mail to anybody.
"""

from cc_async.sandbox._clock import Clock
from cc_async.sandbox._faults import FAULTS, ConnectionCut, Fault, Faults, HalfBody
from cc_async.sandbox._received import Received, ReceivedLog
from cc_async.sandbox._rights import Rights
from cc_async.sandbox._sandbox import Sandbox
from cc_async.sandbox._server import SandboxServer
from cc_async.sandbox._settings import SandboxSettings

__all__ = [
    "FAULTS",
    "Clock",
    "ConnectionCut",
    "Fault",
    "Faults",
    "HalfBody",
    "Received",
    "ReceivedLog",
    "Rights",
    "Sandbox",
    "SandboxServer",
    "SandboxSettings",
]
