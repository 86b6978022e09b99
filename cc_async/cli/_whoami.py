"""`cc-async whoami`: whose token it is, what it may do, and how long it lasts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.auth import GrantStatus, StoredGrant, claims_of
from cc_async.cli._connect import open_account
from cc_async.cli._exit_codes import ExitCode
from cc_async.cli._options import Account
from cc_async.cli._run import Run
from cc_async.cli._texts import page, table
from cc_async.client import ConstantContact
from cc_async.errors import PermissionDeniedError
from cc_async.models import Account as AccountData

_SCOPES = ("contact_data",)
_PRIVILEGES = (
    "contacts:read",
    "contacts:write",
    "contacts:lists:read",
    "contacts:lists:write",
)


async def run_whoami(account: Account, run: Run) -> None:
    """Show the account, and what token and user may do."""
    async with open_account(account, run) as client:
        privileges = [each.privilege_name for each in await client.account.privileges()]
        scopes = await client.account.scopes()
        data, why = await _account_of(client)
        expires_at = claims_of(await client.tokens.token()).get("exp")
        status = None
        if isinstance(client.tokens, StoredGrant):
            status = await client.tokens.status()
    at = dt.datetime.fromtimestamp(expires_at, dt.UTC) if isinstance(expires_at, int) else None
    run.result = WhoamiResult(data, why, scopes, sorted(privileges), at, status)


async def _account_of(client: ConstantContact) -> tuple[AccountData | None, str]:
    """Return the account's data, or why they are not to be had."""
    try:
        return await client.account.get(), ""
    except PermissionDeniedError as error:
        return None, error.hint


@attrs.frozen
class WhoamiResult:
    """Whose token it is; *why* says what is missing where there is no *account*."""

    account: AccountData | None
    why: str
    scopes: Sequence[str] | None
    privileges: Sequence[str]
    token_expires_at: dt.datetime | None
    status: GrantStatus | None
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    @property
    def missing(self) -> list[str]:
        """What an import or a sign-up needs and is not there."""
        scopes = _SCOPES if self.scopes is None else self.scopes
        lacking = [f"scope {name}" for name in _SCOPES if name not in scopes]
        return lacking + [
            f"privilege {name}" for name in _PRIVILEGES if name not in self.privileges
        ]

    def to_json(self) -> dict[str, Any]:
        told = self.account
        return {
            "account_id": told and told.encoded_account_id,
            "organization_name": told and told.organization_name,
            "profile": self.status and self.status.profile,
            "client_id": self.status and self.status.client_id,
            "scopes": self.scopes,
            "privileges": self.privileges,
            "missing": self.missing,
            "token_expires_at": self.token_expires_at,
            "grant_expires_at": self.status and self.status.grant_expires_at,
        }

    def to_text(self) -> RenderableType:
        rows = [("Account", self._name()), *self._sign_in_rows()]
        scopes = "the token does not tell" if self.scopes is None else " ".join(self.scopes)
        rows += [("Scopes", scopes), ("Privileges", self._privileges())]
        if self.token_expires_at is not None:
            rows.append(("Token ends", f"{self.token_expires_at:%Y-%m-%d %H:%M} UTC"))
        missing = "".join(f"Missing for imports: the {each}.\n" for each in self.missing)
        return page(table(("", ""), rows), missing.rstrip())

    def _name(self) -> str:
        if self.account is None:
            return self.why
        told = (self.account.organization_name, self.account.encoded_account_id)
        return ", ".join(filter(None, told)) or "without a name"

    def _sign_in_rows(self) -> list[tuple[str, str]]:
        if self.status is None:
            return [("Signed in", "no; the access token was handed over")]
        rows = [("Signed in", f"{self.status.signed_in_at:%Y-%m-%d} as {self.status.profile!r}")]
        rows.append(("Application", self.status.client_id))
        if self.status.grant_expires_at is not None:
            at = self.status.grant_expires_at
            rows.append(("Lasts, if nobody uses it, until", f"{at:%Y-%m-%d}"))
        return rows

    def _privileges(self) -> str:
        held = [name for name in _PRIVILEGES if name in self.privileges]
        others = len(self.privileges) - len(held)
        return " ".join(held) + (f" and {others} others" if others else "")
