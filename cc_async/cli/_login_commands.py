"""`cc-async login`, `logout` and `keepalive`: stored sign-ins, one for each profile."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

import attrs
from cyclopts import Parameter
from rich.console import RenderableType

from cc_async.auth import (
    REDIRECT_URI,
    SCOPES,
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
from cc_async.cli._command_run import CommandRun
from cc_async.cli._connect import local_sandbox, settings_of
from cc_async.cli._exit_codes import ExitCode, of_error
from cc_async.cli._options import AccountOptions, switch
from cc_async.cli._texts import paragraphs, printable, renewal_text, table
from cc_async.errors import ConstantContactError, InvalidRequestError
from cc_async.settings import Settings
from cc_async.stores import Store, open_store
from cc_async.transport import AiohttpTransport, Transport
from cc_async.wire import DeviceCode


@Parameter(name="*")
@attrs.frozen
class LoginOptions:
    """The application, the scopes, and the way to sign in."""

    browser: Annotated[
        bool, switch("Sign in with a browser on this machine, in place of a code on any device.")
    ] = False
    client_id: Annotated[
        str | None,
        Parameter(
            metavar="ID",
            help="The application's API key, in place of CC_ASYNC_CLIENT_ID. Its secret, if it has "
            "one, is only taken from CC_ASYNC_CLIENT_SECRET.",
        ),
    ] = None
    scopes: Annotated[
        list[str] | None,
        Parameter(
            name="--scope",
            metavar="NAME",
            help="A scope to ask for; give it once for each.",
            negative="",
            show_default=" ".join(SCOPES),
        ),
    ] = None
    redirect_uri: Annotated[
        str,
        Parameter(
            metavar="URL",
            help="The address on this machine that the browser returns to, as registered for the "
            "application.",
        ),
    ] = REDIRECT_URI


@attrs.frozen
class SignInAccess:
    """The store of sign-ins, and the way to the authorization server."""

    settings: Settings
    tokens: TokenStore
    transport: Transport
    budgets: Store

    def application(self, client_id: str | None = None) -> Application:
        """Return the application to sign in to, or the one of the last sign-in.

        Raises:
            InvalidRequestError: No application is known.
        """
        settings = self.settings
        client_id = client_id or settings.client_id
        client_id = client_id or known_application(settings.home, settings.profile)
        if client_id is None:
            raise InvalidRequestError(
                "the application is not known",
                "Set CC_ASYNC_CLIENT_ID, or say --client-id; it is the API key that the developer "
                "portal shows.",
            )
        return Application(client_id, settings.client_secret)

    def flow(self, application: Application) -> SignInFlow:
        """Return the flow of signing in to *application*."""
        return SignInFlow(
            application,
            self.tokens,
            transport=self.transport,
            auth_url=self.settings.auth_url,
            budget_store=self.budgets,
        )

    def grant(self, profile: str) -> StoredGrant:
        """Return the stored sign-in of *profile*."""
        secret, client_id = self.settings.client_secret, self.settings.client_id
        application = Application(client_id, secret) if client_id else None
        return StoredGrant(
            self.tokens,
            transport=self.transport,
            profile=profile,
            application=application,
            budget_store=self.budgets,
        )


@asynccontextmanager
async def open_sign_ins(account: AccountOptions, run: CommandRun) -> AsyncIterator[SignInAccess]:
    """Open the store of sign-ins; in a sandbox it is empty, and ends with it."""
    settings = settings_of(account)
    async with AsyncExitStack() as stack:
        if account.sandbox:
            run.note("This is a sandbox: its one user agrees to everything.")
            settings = await stack.enter_async_context(local_sandbox(settings))
        tokens, budgets = open_token_store(settings.token_url), open_store(settings.budget_url)
        transport = AiohttpTransport(
            settings.auth_url, timeout=account.timeout, allow_http=settings.allow_http
        )
        for opened in (tokens, budgets, transport):
            stack.push_async_callback(opened.aclose)
        yield SignInAccess(settings, tokens, transport, budgets)


# --- login ------------------------------------------------------------------------------------


async def run_login(options: LoginOptions, account: AccountOptions, run: CommandRun) -> None:
    """Sign in, and store the grant."""
    async with open_sign_ins(account, run) as access:
        if access.settings.token_url == "memory:" and not account.sandbox:  # noqa: S105
            raise InvalidRequestError(
                "a sign-in in memory would be lost when this command ends",
                "Unset CC_ASYNC_STORE, or set CC_ASYNC_TOKEN_STORE to a place that lasts.",
            )
        application = access.application(options.client_id)
        status = await _sign_in(options, access, application, run)
        if not account.sandbox:
            await note_sign_in(access.settings.home, status.profile, application.client_id)
    if os.environ.get("CC_ASYNC_ACCESS_TOKEN") and not account.sandbox:
        run.note("CC_ASYNC_ACCESS_TOKEN is set and takes precedence over this sign-in; unset it.")
    run.result = LoginResult(status)


async def _sign_in(
    options: LoginOptions, access: SignInAccess, application: Application, run: CommandRun
) -> GrantStatus:
    flow, profile = access.flow(application), access.settings.profile
    scopes = tuple(options.scopes or SCOPES)
    if not options.browser:
        return await flow.with_device(
            lambda code: run.note(_device_text(code)), profile=profile, scopes=scopes
        )

    def open_page(address: str) -> None:
        run.note(f"To sign in, open {address} in a browser on this machine.")
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, address)

    return await flow.with_browser(
        open_page, profile=profile, scopes=scopes, redirect_uri=options.redirect_uri
    )


def _device_text(code: DeviceCode) -> str:
    return (
        f"To sign in, open {printable(code.verification_uri_complete)} on any device,\n"
        f"and check that it shows the code {printable(code.user_code)}. Waiting …"
    )


@attrs.frozen
class LoginResult:
    """A sign-in that has just been stored."""

    status: GrantStatus
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self.status) | {"is_renewable": self.status.is_renewable}

    def to_text(self) -> RenderableType:
        status = self.status
        rows = [("Profile", status.profile), ("Application", status.client_id)]
        rows.append(("Scopes", " ".join(status.scopes)))
        if status.grant_expires_at is not None:
            rows.append(("Ends, if unused, on", f"{status.grant_expires_at:%Y-%m-%d}"))
        return paragraphs("You are signed in.", table(("", ""), rows), renewal_text(status))


# --- logout -----------------------------------------------------------------------------------


async def run_logout(account: AccountOptions, run: CommandRun) -> None:
    """Forget a sign-in."""
    async with open_sign_ins(account, run) as access:
        profile = access.settings.profile
        was_signed_in = await access.grant(profile).forget()
        if not account.sandbox:
            await forget_sign_in(access.settings.home, profile)
        run.result = LogoutResult(profile, was_signed_in)


@attrs.frozen
class LogoutResult:
    """Whether there was a sign-in to forget."""

    profile: str
    was_signed_in: bool
    exit_code: ExitCode = ExitCode.DONE
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"profile": self.profile, "was_signed_in": self.was_signed_in}

    def to_text(self) -> RenderableType:
        if not self.was_signed_in:
            return f"There was no sign-in for profile {self.profile!r}."
        return (
            f"The sign-in of profile {self.profile!r} is deleted from this machine. Constant "
            "Contact offers no way to revoke it there."
        )


# --- keepalive --------------------------------------------------------------------------------


async def run_keepalive(profiles: Sequence[str], account: AccountOptions, run: CommandRun) -> None:
    """Renew sign-ins, so that they do not end unused."""
    async with open_sign_ins(account, run) as access:
        chosen = profiles or (access.settings.profile,)
        if account.sandbox:
            for profile in chosen:
                await access.flow(access.application()).with_device(_show_nothing, profile=profile)
        run.result = KeepaliveResult([await _renew(access, profile) for profile in chosen])


async def _renew(access: SignInAccess, profile: str) -> ProfileRenewal:
    grant = access.grant(profile)
    status = None
    try:
        status = await grant.status()
        await grant.renew()
        return ProfileRenewal(profile, await grant.status())
    except ConstantContactError as error:
        return ProfileRenewal(profile, status, error)


def _show_nothing(code: DeviceCode) -> None:
    """The sandbox's user has agreed already."""


@attrs.frozen
class ProfileRenewal:
    """Renewal of one profile: its status, if there is a sign-in, and the error, if it failed."""

    profile: str
    status: GrantStatus | None = None
    error: ConstantContactError | None = None

    @property
    def ends_on(self) -> str:
        at = self.grant_expires_at
        return "" if at is None else f"{at:%Y-%m-%d}"

    @property
    def grant_expires_at(self) -> dt.datetime | None:
        if self.status is None or self.error is not None:
            return None
        return self.status.grant_expires_at


@attrs.frozen
class KeepaliveResult:
    """Renewals of several profiles."""

    renewals: Sequence[ProfileRenewal]
    advice: str = ""

    @property
    def exit_code(self) -> ExitCode:
        codes = [of_error(each.error) for each in self.renewals if each.error is not None]
        return ExitCode.SIGN_IN if ExitCode.SIGN_IN in codes else max(codes, default=ExitCode.DONE)

    def to_json(self) -> dict[str, Any]:
        return {
            "profiles": [
                {
                    "profile": each.profile,
                    "grant_expires_at": each.grant_expires_at,
                    "is_renewable": each.status and each.status.is_renewable,
                    "error": None if each.error is None else str(each.error),
                }
                for each in self.renewals
            ]
        }

    def to_text(self) -> RenderableType:
        rows = [
            (each.profile, each.ends_on or str(each.error or "not renewable"))
            for each in self.renewals
        ]
        return table(("Profile", "Ends, if unused, on"), rows)
