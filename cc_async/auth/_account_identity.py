"""Identities of accounts: names that keep the work of one account apart from that of others.

An identity is part of keys in a store. It comes from the caller's name for the account, from the
claims of a token, or from the account's id at the service. Claims that may hold an e-mail address
are hashed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import quote

import orjson

from cc_async.auth._token_source import claims_of

FindAccount: TypeAlias = Callable[[], Awaitable[str]]
"""Returns the identity of an account; may ask the service, and raises if there is none."""

_HASH_BYTES = 16
"""Bytes of a hash in an identity: 2 of 10,000 users share one with a chance of 1 in 10^30."""


def identity_of_name(client_id: str, name: str) -> str:
    """Return the identity of the account that the caller calls *name*.

    *client_id* is the application, or empty if the token does not tell it.
    """
    return f"name:{quote(client_id, safe='')}:{quote(name, safe='')}"


def identity_of_token(token: str) -> str | None:
    """Return the identity of the account of *token*, or `None` if the token does not tell it.

    It needs both claims: `cid`, the application, and `sub`, the signed-in user.
    https://developer.constantcontact.com/api_guide/auth_overview.html
    """
    claims = claims_of(token)
    user = [claims.get("cid"), claims.get("sub")]
    if not all(isinstance(claim, str) and claim for claim in user):
        return None
    return f"user:{_hash(orjson.dumps(user))}"


def identity_of_account_id(account_id: str) -> str:
    """Return the identity of the account with this `encoded_account_id`."""
    return f"id:{quote(account_id, safe='')}"


def turn_of_token(token: str) -> str:
    """Return the name under which the account of *token* takes turns on a shared budget."""
    return identity_of_token(token) or f"token:{_hash(token.encode())}"


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=_HASH_BYTES).hexdigest()
