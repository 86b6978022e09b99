"""Names of lists and fields, remembered for some minutes so that a call need not ask for them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import anyio
import attrs

from cc_async.lookups._names import Directory, read_directory
from cc_async.models import ContactList
from cc_async.session import Session

_REMEMBERED = 300.0
"""Seconds for which names are remembered. A reading costs two requests: 576 of a day's 10,000 for a
program that signs people up around the clock. Ours to choose."""

_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@attrs.define(eq=False, repr=False)
class RememberedNames:
    """The directory of an account, read when a name is used and again five minutes later."""

    _session: Session
    _known: Directory | None = None
    _until: float = 0.0
    _lock: anyio.Lock = attrs.field(factory=anyio.Lock)

    async def directory_for(self, lists: Sequence[str], *, has_fields: bool) -> Directory:
        """Return a directory with *lists* in it, if the account has them.

        Lists that are all given by id, without custom fields, cost no request: the service
        checks ids itself. A name that is not remembered is looked for at the service.
        """
        if not has_fields and all(map(_ID.fullmatch, lists)):
            return Directory(tuple(ContactList(list_id, list_id) for list_id in lists), ())
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if self._known is None or now >= self._until or self._known.missing(lists):
                self._known = await read_directory(self._session)
                self._until = now + _REMEMBERED
            return self._known
