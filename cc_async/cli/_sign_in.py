"""`cc-async login`, `logout` and `keepalive`: stored sign-ins, one for each profile."""

from __future__ import annotations

import asyncio
import os
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import attrs
from rich.console import RenderableType

from cc_async.auth import (
    Application,
    GrantStatus,
    SignInFlow,
    StoredGrant,
    TokenStore,
    forget_sign_in,
    known_application,
    note_sign_in,
    open_token_store,
)
from cc_async.cli._connect import settings_of
from cc_async.cli._exit_codes import ExitCode, of_error
from cc_async.cli._local_sandbox import local_sandbox
from cc_async.cli._options import Account
from cc_async.cli._run import Run
from cc_async.cli._texts import page, plain, table
from cc_async.errors import ConstantContactError, InvalidRequestError
from cc_async.settings import Settings
from cc_async.stores import Store, open_store
from cc_async.transport import AiohttpTransport, Transport
from cc_async.wire import DeviceCode


@attrs.frozen
class LoginWish:
    """What somebody wants to sign in for, and how."""

    client_id: str | None
    scopes: tuple[str, ...]
    is_browser: bool
    redirect_uri: str


@attrs.frozen
class SignIns:
    """Where sign-ins are kept, and the way to the authorization server."""

    settings: Settings
    records: TokenStore
    transport: Transport
    budgets: Store

    def application(self, client_id: str | None = None) -> Application:
        """Return the application to sign in to, or that somebody signed in to.

        Raises:
            InvalidRequestError: Nobody has named it.
        """
        settings = self.settings
        client_id = client_id or settings.client_id
        client_id = client_id or known_application(settings.home, settings.profile)
        if client_id is None:
            raise InvalidRequestError(
                "it is not known which application this is about",
                "Set CC_ASYNC_CLIENT_ID, or say --client-id; it is the API key that the developer "
                "portal shows.",
            )
        return Application(client_id, settings.client_secret)

    def flow(self, application: Application) -> SignInFlow:
        """Return where people sign in."""
        return SignInFlow(
            application,
            self.records,
            transport=self.transport,
            auth_url=self.settings.auth_url,
            budget_store=self.budgets,
        )

    def grant(self, profile: str) -> StoredGrant:
        """Return what *profile* signed in for."""
        secret, client_id = self.settings.client_secret, self.settings.client_id
        application = Application(client_id, secret) if client_id else None
        return StoredGrant(
            self.records,
            transport=self.transport,
            profile=profile,
            application=application,
            budget_store=self.budgets,
        )


@asynccontextmanager
async def open_sign_ins(account: Account, run: Run) -> AsyncIterator[SignIns]:
    """Open the place of sign-ins; that of a sandbox is empty, and gone at the end."""
    settings = settings_of(account)
    async with AsyncExitStack() as stack:
        if account.sandbox:
            run.note("This is a sandbox: its one person says yes to everything.")
            settings = await stack.enter_async_context(local_sandbox(settings, (), ()))
        records, budgets = open_token_store(settings.token_url), open_store(settings.budget_url)
        transport = AiohttpTransport(settings.auth_url, timeout=account.timeout)
        for opened in (records, budgets, transport):
            stack.push_async_callback(opened.aclose)
        yield SignIns(settings, records, transport, budgets)


async def run_login(wish: LoginWish, account: Account, run: Run) -> None:
    """Sign somebody in and keep what they granted."""
    async with open_sign_ins(account, run) as signing:
        if signing.settings.token_url == "memory:" and not account.sandbox:  # noqa: S105
            raise InvalidRequestError(
                "a sign-in that is kept in memory is gone when this command ends",
                "Unset CC_ASYNC_STORE, or set CC_ASYNC_TOKEN_STORE to a place that lasts.",
            )
        application = signing.application(wish.client_id)
        status = await _sign_in(wish, signing, application, run)
        if not account.sandbox:
            await note_sign_in(signing.settings.home, status.profile, application.client_id)
    if os.environ.get("CC_ASYNC_ACCESS_TOKEN") and not account.sandbox:
        run.note("CC_ASYNC_ACCESS_TOKEN is set and goes before this sign-in; unset it.")
    run.result = LoginResult(status)


async def _sign_in(
    wish: LoginWish, signing: SignIns, application: Application, run: Run
) -> GrantStatus:
    flow, profile = signing.flow(application), signing.settings.profile
    if not wish.is_browser:
        return await flow.with_device(
            lambda code: run.note(_device_text(code)), profile=profile, scopes=wish.scopes
        )

    def open_page(address: str) -> None:
        run.note(f"To sign in, open {address} in a browser on this machine.")
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)

    return await flow.with_browser(
        open_page, profile=profile, scopes=wish.scopes, redirect_uri=wish.redirect_uri
    )


def _device_text(code: DeviceCode) -> str:
    return (
        f"To sign in, open {plain(code.verification_uri_complete)} on any device,\n"
        f"and check that it shows the code {plain(code.user_code)}. Waiting …"
    )


async def run_logout(account: Account, run: Run) -> None:
    """Forget a sign-in."""
    async with open_sign_ins(account, run) as signing:
        profile = signing.settings.profile
        was_signed_in = await signing.grant(profile).forget()
        if not account.sandbox:
            await forget_sign_in(signing.settings.home, profile)
        run.result = LogoutResult(profile, was_signed_in)


async def run_keepalive(profiles: Sequence[str], account: Account, run: Run) -> None:
    """Renew sign-ins that nobody might use for a long time."""
    async with open_sign_ins(account, run) as signing:
        chosen = profiles or (signing.settings.profile,)
        if account.sandbox:
            for profile in chosen:
                await signing.flow(signing.application()).with_device(_say_nothing, profile=profile)
        run.result = KeepaliveResult([await _renew(signing, profile) for profile in chosen])


async def _renew(signing: SignIns, profile: str) -> Renewed:
    grant = signing.grant(profile)
    try:
        await grant.renew()
        return Renewed(profile, await grant.status())
    except ConstantContactError as error:
        return Renewed(profile, error=error)


def _say_nothing(code: DeviceCode) -> None:
    """The sandbox's person needs no words."""


@attrs.frozen
class LoginResult:
    """Who signed in for what."""

    status: GrantStatus
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self.status)

    def to_text(self) -> RenderableType:
        told = self.status
        rows = [("Profile", told.profile), ("Application", told.client_id)]
        rows.append(("Scopes", " ".join(told.scopes)))
        if told.grant_expires_at is not None:
            rows.append(("Lasts, if nobody uses it, until", f"{told.grant_expires_at:%Y-%m-%d}"))
        short = ""
        if told.grant_expires_at is None and told.token_expires_at is not None:
            short = (
                "The scope offline_access was not granted, so this cannot be renewed: it ends at "
                f"{told.token_expires_at:%Y-%m-%d %H:%M} UTC."
            )
        return page("You are signed in.", table(("", ""), rows), short)


@attrs.frozen
class LogoutResult:
    """Whether there was anything to forget."""

    profile: str
    was_signed_in: bool
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"profile": self.profile, "was_signed_in": self.was_signed_in}

    def to_text(self) -> RenderableType:
        if not self.was_signed_in:
            return f"Nobody was signed in as profile {self.profile!r}."
        return (
            f"The sign-in of profile {self.profile!r} is forgotten here. Constant Contact does not "
            "need to be told, and cannot be."
        )


@attrs.frozen
class Renewed:
    """What became of one profile."""

    profile: str
    status: GrantStatus | None = None
    error: ConstantContactError | None = None

    @property
    def lasts_until(self) -> str:
        at = None if self.status is None else self.status.grant_expires_at
        return "" if at is None else f"{at:%Y-%m-%d}"


@attrs.frozen
class KeepaliveResult:
    """What became of each profile."""

    renewed: Sequence[Renewed]
    advice: str = ""

    @property
    def exit_code(self) -> ExitCode:
        codes = [of_error(each.error) for each in self.renewed if each.error is not None]
        return ExitCode.SIGN_IN if ExitCode.SIGN_IN in codes else max(codes, default=ExitCode.DONE)

    def to_json(self) -> dict[str, Any]:
        return {
            "profiles": [
                {
                    "profile": each.profile,
                    "grant_expires_at": each.status and each.status.grant_expires_at,
                    "error": None if each.error is None else str(each.error),
                }
                for each in self.renewed
            ]
        }

    def to_text(self) -> RenderableType:
        rows = [
            (each.profile, each.lasts_until or str(each.error or "the token ends first"))
            for each in self.renewed
        ]
        return table(("Profile", "Lasts until"), rows)
