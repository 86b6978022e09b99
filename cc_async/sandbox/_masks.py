"""Tokens and secrets never show in what the sandbox remembers of a request."""

from __future__ import annotations

import re

_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_NAMES = "client_secret|refresh_token|access_token|code_verifier|device_code|code"
_FORM = re.compile(rf"(^|[&?])({_NAMES})=[^&]*")
_JSON = re.compile(rf'("(?:{_NAMES})"\s*:\s*)"[^"]*"')


def masked_header(name: str, value: str) -> str:
    """Return a header's value, without what nobody should see."""
    if name not in _HEADERS:
        return value
    kind, blank, _ = value.partition(" ")
    return f"{kind} ***" if blank else "***"


def masked_text(text: str) -> str:
    """Return a query, a form, a redirect or a JSON answer of signing in without its secrets."""
    return _JSON.sub(r'\1"***"', _FORM.sub(r"\1\2=***", text))
