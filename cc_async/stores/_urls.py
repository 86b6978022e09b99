"""Addresses of servers. They hold passwords, so nothing of an unreadable one is shown."""

from __future__ import annotations

import re

from cc_async.errors import StoreError

_CUT_SHORT = re.compile(r"[^:]*://[^/?#@]+[/?#].*@", re.DOTALL)


def is_cut_short(url: str) -> bool:
    """Whether the part with user and host ends before the `@`, at a sign of the password."""
    return _CUT_SHORT.match(url) is not None


def unreadable_url(kind: str, form: str) -> StoreError:
    """Return the error for an address that cannot be read."""
    return StoreError(
        f"the address of the {kind} store cannot be read",
        f"Use {form}. In a password write /, ?, #, @ and % as %2F, %3F, %23, %40 and %25.",
    )
