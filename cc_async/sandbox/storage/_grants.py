"""Sign-ins to the sandbox: authorization codes, devices, access tokens and refresh tokens.

A rotating refresh token works once. A second use shows that two clients hold it, so the whole
family of tokens ends, and the user has to sign in again. A long-lived token stays the same and
expires after a time without use.
https://developer.constantcontact.com/api_guide/server_flow.html
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


OWNER_LOGIN = "lola@example.com"
"""Login of the user of the first account."""


@attrs.frozen
class AuthorizationCode:
    """An allowed sign-in, to be exchanged for tokens once."""

    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str | None
    expires_at: float
    login: str = OWNER_LOGIN

    def matches(self, verifier: str | None) -> bool:
        """Whether *verifier* is the one behind the challenge: the same client holds both.

        https://developer.constantcontact.com/api_guide/pkce_flow.html
        """
        if self.challenge is None:
            return True
        digest = hashlib.sha256((verifier or "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge


@attrs.define(eq=False)
class PendingDevice:
    """A device that asks for *scopes* and waits until its user enters the code.

    https://developer.constantcontact.com/api_guide/device_flow.html
    """

    client_id: str
    user_code: str
    scopes: frozenset[str]
    expires_at: float
    interval: float
    polled_at: float | None = None
    is_allowed: bool | None = None
    login: str = OWNER_LOGIN


@attrs.define(eq=False)
class TokenFamily:
    """One sign-in with its current refresh token; older ones of the family are used up."""

    client_id: str
    scopes: frozenset[str]
    refresh_token: str = attrs.field(repr=False)
    used_at: float
    is_revoked: bool = False
    login: str = OWNER_LOGIN


@attrs.frozen
class TokenPair:
    """Tokens for a client; *refresh_token* is `None` without the scope `offline_access`."""

    access_token: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(repr=False)
    scopes: frozenset[str]


class Grants:
    """All codes, devices and tokens, by their text."""

    def __init__(self, settings: SandboxSettings, source: random.Random) -> None:
        self._settings = settings
        self._random = source
        self._codes: dict[str, AuthorizationCode] = {}
        self.refresh_tokens: dict[str, TokenFamily] = {}
        """By token, including used-up ones."""
        self.access_tokens: dict[str, tuple[frozenset[str], float]] = {}
        """By token: its scopes, and the moment it expires."""
        self.devices: dict[str, PendingDevice] = {}

    def has_access_token(self, access_token: str) -> bool:
        """Whether an access token was made here, expired or not."""
        return access_token in self.access_tokens

    def scopes_of(self, access_token: str, now: float) -> frozenset[str] | None:
        """Return the scopes of an access token made here, or `None` once it has expired."""
        scopes, expires_at = self.access_tokens[access_token]
        return scopes if expires_at > now else None

    def login_of(self, access_token: str) -> str:
        """Return the login of the user of an access token made here."""
        payload = access_token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])

    def expire_all(self) -> None:
        """Expire every access token at once; refresh tokens stay valid."""
        self.access_tokens = {
            token: (scopes, 0.0) for token, (scopes, _) in self.access_tokens.items()
        }

    # --- codes and devices ----------------------------------------------------------------

    def add_code(self, code: AuthorizationCode) -> str:
        text = self._text(43)
        self._codes[text] = code
        return text

    def take_code(self, text: str, now: float) -> AuthorizationCode | None:
        """Return a code and forget it; `None` for an unknown or expired one."""
        code = self._codes.pop(text, None)
        return code if code is not None and code.expires_at > now else None

    def add_device(self, client_id: str, scopes: frozenset[str], now: float) -> str:
        user_code = "".join(self._random.choices(_CONSONANTS, k=8))
        settings = self._settings
        device = PendingDevice(
            client_id, user_code, scopes, now + settings.device_seconds, settings.device_interval
        )
        text = self._text(36)
        self.devices[text] = device
        return text

    def device_of(self, user_code: str, now: float) -> PendingDevice | None:
        """Return the device that shows this code to its user."""
        wanted = user_code.strip().upper().replace("-", "")
        waiting = (one for one in self.devices.values() if one.expires_at > now)
        return next((one for one in waiting if one.user_code == wanted), None)

    # --- tokens ---------------------------------------------------------------------------

    def start(
        self, client_id: str, scopes: frozenset[str], now: float, login: str = OWNER_LOGIN
    ) -> TokenPair:
        """Start a token family for the user with this *login*, and return its first tokens."""
        access = self._make_access(client_id, scopes, now, login)
        if "offline_access" not in scopes:
            return TokenPair(access, None, scopes)
        family = TokenFamily(client_id, scopes, self._text(42), now, login=login)
        self.refresh_tokens[family.refresh_token] = family
        return TokenPair(access, family.refresh_token, scopes)

    def refresh(self, refresh_token: str, client_id: str, now: float) -> TokenPair | None:
        """Return the next tokens, or `None` for an invalid refresh token."""
        family = self.refresh_tokens.get(refresh_token)
        if family is None or family.client_id != client_id or family.is_revoked:
            return None
        if family.refresh_token != refresh_token:
            family.is_revoked = True  # used twice: two clients hold the token
            return None
        if family.used_at + self._settings.refresh_token_seconds <= now:
            return None
        family.used_at = now
        if self._settings.refresh_tokens == "rotating":
            family.refresh_token = self._text(42)
            self.refresh_tokens[family.refresh_token] = family
        access = self._make_access(client_id, family.scopes, now, family.login)
        return TokenPair(access, family.refresh_token, family.scopes)

    def _make_access(self, client_id: str, scopes: frozenset[str], now: float, login: str) -> str:
        """Make a token of the shape of a signed one, without a valid signature."""
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
            "sub": login,
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
