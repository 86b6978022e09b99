"""What people have granted: codes, access tokens, and refresh tokens with their families.

A rotating refresh token works once. Whoever sends one again shows that two hold it, so the
whole family dies and somebody has to sign in again. A long-lived one stays the same and lives
as long as it is used.
"""

from __future__ import annotations

import base64
import hashlib
import random
import string

import attrs
import orjson

from cc_async.sandbox._settings import SandboxSettings

_LETTERS = string.ascii_letters + string.digits
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"


@attrs.frozen
class Code:
    """What a person allowed, waiting to be exchanged once."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str | None
    expires_at: float

    def is_proved_by(self, verifier: str | None) -> bool:
        """Whether the one who exchanges the code is the one who asked for it."""
        if self.challenge is None:
            return True
        digest = hashlib.sha256((verifier or "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge


@attrs.define(eq=False)
class Device:
    """A device that waits for a person to enter its code; *scopes* is what it asks for."""

    client_id: str
    user_code: str
    scopes: frozenset[str]
    expires_at: float
    interval: float
    polled_at: float | None = None
    is_allowed: bool | None = None


@attrs.define(eq=False)
class Grant:
    """One sign-in and everything that came of it."""

    client_id: str
    scopes: frozenset[str]
    refresh_token: str = attrs.field(repr=False)
    used_at: float
    is_dead: bool = False


@attrs.frozen
class TokenPair:
    """What a client gets; *refresh_token* is missing without the scope for it."""

    access_token: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(repr=False)
    scopes: frozenset[str]


class Grants:
    """Everything granted so far, by the text that stands for it."""

    def __init__(self, settings: SandboxSettings, source: random.Random) -> None:
        self._settings = settings
        self._random = source
        self._codes: dict[str, Code] = {}
        self.refresh_tokens: dict[str, Grant] = {}
        """By token, those that were used up too."""
        self.access_tokens: dict[str, tuple[frozenset[str], float]] = {}
        """By token: its scopes, and when it expires."""
        self.devices: dict[str, Device] = {}

    def knows(self, access_token: str) -> bool:
        """Whether an access token was made here, expired or not."""
        return access_token in self.access_tokens

    def scopes_of(self, access_token: str, now: float) -> frozenset[str] | None:
        """Return what an access token made here opens, or `None` once it has expired."""
        scopes, expires_at = self.access_tokens[access_token]
        return scopes if expires_at > now else None

    def expire_all(self) -> None:
        """Let every access token expire at once; refresh tokens stay."""
        self.access_tokens = {
            token: (scopes, 0.0) for token, (scopes, _) in self.access_tokens.items()
        }

    # --- codes and devices ----------------------------------------------------------------

    def add_code(self, code: Code) -> str:
        text = self._text(43)
        self._codes[text] = code
        return text

    def take_code(self, text: str, now: float) -> Code | None:
        """Return a code and forget it; it works once and for five minutes."""
        code = self._codes.pop(text, None)
        return code if code is not None and code.expires_at > now else None

    def add_device(self, client_id: str, scopes: frozenset[str], now: float) -> str:
        user_code = "".join(self._random.choices(_CONSONANTS, k=8))
        settings = self._settings
        device = Device(
            client_id, user_code, scopes, now + settings.device_seconds, settings.device_interval
        )
        text = self._text(36)
        self.devices[text] = device
        return text

    def device_of(self, user_code: str, now: float) -> Device | None:
        """Return the device that shows this code to its person."""
        wanted = user_code.strip().upper().replace("-", "")
        waiting = (one for one in self.devices.values() if one.expires_at > now)
        return next((one for one in waiting if one.user_code == wanted), None)

    # --- tokens ---------------------------------------------------------------------------

    def start(self, client_id: str, scopes: frozenset[str], now: float) -> TokenPair:
        """Begin a grant, and return its first tokens."""
        if "offline_access" not in scopes:
            return TokenPair(self._make_access(client_id, scopes, now), None, scopes)
        grant = Grant(client_id, scopes, self._text(42), now)
        self.refresh_tokens[grant.refresh_token] = grant
        return TokenPair(self._make_access(client_id, scopes, now), grant.refresh_token, scopes)

    def refresh(self, refresh_token: str, client_id: str, now: float) -> TokenPair | None:
        """Return the next tokens, or `None` where the refresh token is worth nothing."""
        grant = self.refresh_tokens.get(refresh_token)
        if grant is None or grant.client_id != client_id or grant.is_dead:
            return None
        if grant.refresh_token != refresh_token:
            grant.is_dead = True  # used twice: the family is not to be trusted any more
            return None
        if grant.used_at + self._settings.refresh_token_seconds <= now:
            return None
        grant.used_at = now
        if self._settings.refresh_tokens == "rotating":
            grant.refresh_token = self._text(42)
            self.refresh_tokens[grant.refresh_token] = grant
        access = self._make_access(client_id, grant.scopes, now)
        return TokenPair(access, grant.refresh_token, grant.scopes)

    def _make_access(self, client_id: str, scopes: frozenset[str], now: float) -> str:
        """Make a token of the shape of a signed one; the signature is worth nothing."""
        expires_at = now + self._settings.access_token_seconds
        claims = {
            "ver": 1,
            "jti": f"AT.{self._text(43)}",
            "iss": "https://identity.constantcontact.com/oauth2/aus1lm3ry9mF7x2Ja0h8",
            "aud": "https://api.cc.email/v3",
            "iat": int(now),
            "exp": int(expires_at),
            "cid": client_id,
            "uid": f"00u{self._text(17)}",
            "scp": sorted(scopes),
            "sub": "lola@example.com",
            "platform_user_id": self._text(36),
            "auth_time": int(now),
            "session": self._text(64),
        }
        header = {"kid": self._text(43), "alg": "RS256"}
        signature = self._random.getrandbits(2048).to_bytes(256, "big")
        parts = (orjson.dumps(header), orjson.dumps(claims), signature)
        token = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
        self.access_tokens[token] = (scopes, expires_at)
        return token

    def _text(self, length: int) -> str:
        return "".join(self._random.choices(_LETTERS, k=length))
