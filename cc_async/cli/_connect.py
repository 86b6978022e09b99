"""The account that a command works on: a real one, or a sandbox inside this process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import attrs

from cc_async.cli._command_run import CommandRun
from cc_async.cli._options import AccountOptions
from cc_async.client import ConstantContact, Limits, Network
from cc_async.errors import InvalidRequestError
from cc_async.retries import RetryPolicy
from cc_async.settings import Settings

RETRY_POLICY = RetryPolicy()

_SHORTEST_SHOWN = 2.0
"""Seconds of a pause from which it is shown: a shorter one is over before it is read."""

SANDBOX_TOKEN = "sandbox-token"  # noqa: S105 - the access token of a sandbox, which keeps no secrets

_SANDBOX_PER_SECOND = 100
"""Requests a second in a sandbox of one command: 25 times the service's rate, so that trying a
command takes seconds. Chosen here."""

_SANDBOX_PER_DAY = 1_000_000
"""Requests a day in a sandbox of one command: more than one can send. Chosen here."""

_SANDBOX_SECONDS = 0.5
"""Seconds that an import takes in a sandbox of one command: long enough to see its progress.
Chosen here."""

_FIRST_BYTES = 65_536
"""Bytes to search for custom fields at the beginning of a file: a heading row is shorter. Chosen
here."""

_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
"""Seconds of the units that a duration may have."""

_CUSTOM_FIELD = re.compile(r"""(?:^|[\s"',;\t\ufeff])cf:([^"',;\t\r\n]+)""", re.IGNORECASE)


def settings_of(account: AccountOptions) -> Settings:
    """Return the environment's settings, with the options of the command line in their place.

    Raises:
        InvalidRequestError: A variable has no valid value.
    """
    settings = Settings.from_environ()
    if account.base_url is not None:
        settings = attrs.evolve(settings, base_url=account.base_url)
    if account.profile is not None:
        settings = attrs.evolve(
            settings, profile=account.profile, access_token=None, refresh_token=None, account=""
        )
    if account.account is not None:
        settings = attrs.evolve(settings, account=account.account)
    if account.home is not None:
        settings = attrs.evolve(settings, home=account.home.expanduser())
    return settings


@asynccontextmanager
async def open_account(
    account: AccountOptions,
    run: CommandRun,
    *,
    lists: Sequence[str] = (),
    fields: Sequence[str] = (),
) -> AsyncIterator[ConstantContact]:
    """Open the account; a sandbox has *lists* and the custom *fields*.

    Raises:
        AuthError: There is no token.
        InvalidRequestError: A setting has no valid value.
    """
    settings, network = settings_of(account), Network(timeout=account.timeout)
    policy = _policy_of(account, run)
    if not account.sandbox:
        async with ConstantContact(
            settings=settings, network=network, retry_policy=policy
        ) as client:
            yield client
        return
    run.note("This is a sandbox: nothing leaves this process, and no mail is sent.")
    async with (
        local_sandbox(settings, lists, fields) as local,
        ConstantContact(
            settings=local,
            network=network,
            limits=Limits(application="sandbox"),
            retry_policy=policy,
        ) as client,
    ):
        yield client


def _policy_of(account: AccountOptions, run: CommandRun) -> RetryPolicy:
    """Return how long to try, with a line of progress for each longer pause."""

    def show(failure: str, seconds: float) -> None:
        if seconds >= _SHORTEST_SHOWN:
            run.progress.show("Waiting", f"{failure}; trying again in {seconds:.0f} s")

    policy = attrs.evolve(RETRY_POLICY, on_wait=show)
    if account.patience is None:
        return policy
    return attrs.evolve(policy, patience=read_duration(account.patience, "--patience"))


def read_duration(text: str, flag: str) -> float:
    """Return the seconds of a text such as `90`, `30m` or `2h`.

    Raises:
        InvalidRequestError: The text is of another form, or no time at all.
    """
    number, seconds = text.strip().lower(), 1.0
    if number[-1:] in _UNITS:
        number, seconds = number[:-1], _UNITS[number[-1]]
    try:
        duration = float(number) * seconds
    except ValueError:
        duration = 0.0
    if not 0 < duration < float("inf"):
        raise InvalidRequestError(
            f"{flag} {text!r} is no time", f"Write {flag} 90 for seconds, or {flag} 30m, 2h, 1d."
        )
    return duration


@asynccontextmanager
async def local_sandbox(
    settings: Settings, lists: Sequence[str] = (), fields: Sequence[str] = ()
) -> AsyncIterator[Settings]:
    """Serve a sandbox to this process alone; yields *settings* that lead to it.

    Its budget, sign-ins and journals live in memory and end with it.
    """
    from cc_async.sandbox import Sandbox, SandboxSettings  # slow to load; most commands need none

    sandbox = Sandbox(
        SandboxSettings(
            token=SANDBOX_TOKEN,
            lists=tuple(dict.fromkeys(lists)) or ("Newsletter",),
            custom_fields=tuple(dict.fromkeys(fields)),
            activity_seconds=_SANDBOX_SECONDS,
            per_second=_SANDBOX_PER_SECOND,
            per_day=_SANDBOX_PER_DAY,
            consent="allowed",
            device_interval=1.0,
        )
    )
    async with sandbox.serve() as server:
        yield attrs.evolve(
            settings,
            base_url=server.url,
            auth_url=server.authorization_url,
            access_token=SANDBOX_TOKEN,
            client_id=sandbox.settings.client_id,
            account="sandbox",
            client_secret=None,
            store="memory:",
            budget_store=None,
            token_store=None,
            journal_store=None,
            per_second=_SANDBOX_PER_SECOND,
            per_day=_SANDBOX_PER_DAY,
        )


def custom_fields_of(file: str, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Return the custom fields that *file* and *mapping* name, for a sandbox to have them.

    Only the beginning of a regular file is looked at; a pipe could not be read again.
    """
    named = [column[3:] for column in mapping.values() if column[:3].lower() == "cf:"]
    path = Path(file)
    if path.is_file():
        with path.open("rb") as opened:
            named += custom_fields_in(opened.read(_FIRST_BYTES).decode("utf-8", "replace"))
    return tuple(_distinct(named))


def custom_fields_in(text: str) -> list[str]:
    """Return the names behind `cf:` in a CSV's heading, or in the keys of JSON."""
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
    head = text if is_json else text.lstrip("\ufeff\r\n").partition("\n")[0]
    return [name.strip() for name in _CUSTOM_FIELD.findall(head)]


def _distinct(names: Iterable[str]) -> Iterable[str]:
    """Return each name once; letter case does not make two."""
    return {name.lower(): name for name in names if name}.values()
