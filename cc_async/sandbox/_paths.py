"""Which part of the sandbox a path belongs to; what is neither of these is the API."""

from __future__ import annotations


def is_site(path: str) -> bool:
    """Whether *path* belongs to the sandbox itself, and to nothing that it stands for."""
    return path == "/" or path.startswith("/sandbox/")


def is_sign_in(path: str) -> bool:
    """Whether *path* belongs to the authorization server."""
    return path.startswith("/oauth2/") or path == "/activate"
