"""Permits to send one request, and the lanes in which requests wait for them."""

from __future__ import annotations

import enum
from typing import Literal, NamedTuple, TypeAlias

PermitResult: TypeAlias = Literal["answered", "throttled", "quota_exceeded", "lost"]
"""End of a permit: a reply, one of the two refusals for speed (`error_key` of a 429), or no reply.

https://developer.constantcontact.com/api_guide/rate_limits.html
"""


class Lane(enum.IntEnum):
    """Urgency of a request. A lower lane waits as long as a higher one wants a permit."""

    INTERACTIVE = 0
    """A person waits for the answer."""
    POLLING = 1
    """Questions about work that the service has accepted."""
    BULK = 2
    """Imports and sign-ups by the thousand."""
    TOKEN = 3
    """Calls to the authorization server. They have a limit of their own: one a second."""


class Permit(NamedTuple):
    """Permission to send one request. It goes back with `Budget.release`."""

    id: str
    lane: Lane
    account: str
    granted: float
    """Time of the grant, on the store's clock, in seconds since the epoch."""
