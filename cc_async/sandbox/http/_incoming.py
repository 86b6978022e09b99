"""A request as it arrived, and the part of the sandbox that its path belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import attrs

AUTHORIZATION_PREFIX = "/oauth2/default/v1"


@attrs.frozen
class IncomingRequest:
    """A request as it arrived; *headers* have lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = attrs.field(repr=False)
    at: float

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def parse_query(query: str) -> dict[str, str]:
    """Return a query's values by name; a repeated name makes a comma list."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def is_site(path: str) -> bool:
    """Whether *path* is the sandbox's own page or one of its controls."""
    return path == "/" or path.startswith("/sandbox/")


def is_sign_in(path: str) -> bool:
    """Whether *path* belongs to the authorization server."""
    return path.startswith("/oauth2/") or path == "/activate"
