"""Ids of the shape the service uses: UUIDs in lower case, 36 characters.

https://developer.constantcontact.com/api_guide/v3_technical_overview.html
"""

from __future__ import annotations

import random
import re

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Ids:
    """Makes ids that differ within a sandbox, and very probably between sandboxes."""

    def __init__(self, source: random.Random) -> None:
        self._tail = (
            f"-7a11-11ef-{source.randrange(0x8000, 0xC000):04x}-{source.getrandbits(48):012x}"
        )
        self._count = source.randrange(1 << 31)

    def new(self) -> str:
        self._count = (self._count + 1) & 0xFFFFFFFF
        # Spread the counter, so that ids made one after another do not look alike.
        return f"{self._count * 2654435761 & 0xFFFFFFFF:08x}{self._tail}"


def is_uuid(text: object) -> bool:
    """Whether *text* has the shape of an id."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None
