"""The account that a command works on: the real one, one at another address, or a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import attrs

from cc_async.cli._local_sandbox import local_sandbox
from cc_async.cli._options import Account
from cc_async.cli._run import Run
from cc_async.client import ConstantContact, Limits, Network
from cc_async.retries import RetryPolicy
from cc_async.settings import Settings

RETRIES = RetryPolicy()


def settings_of(account: Account) -> Settings:
    """Return the environment's settings with what the command line says in their place.

    Raises:
        InvalidRequestError: A variable makes no sense.
    """
    settings = Settings.from_environ()
    if account.base_url is not None:
        settings = attrs.evolve(settings, base_url=account.base_url)
    if account.profile is not None:
        settings = attrs.evolve(
            settings, profile=account.profile, access_token=None, refresh_token=None
        )
    if account.home is not None:
        settings = attrs.evolve(settings, home=account.home.expanduser())
    return settings


@asynccontextmanager
async def open_account(
    account: Account, run: Run, *, lists: Sequence[str] = (), fields: Sequence[str] = ()
) -> AsyncIterator[ConstantContact]:
    """Open the account; a sandbox has *lists* and the custom *fields*.

    Raises:
        AuthError: There is no token.
        InvalidRequestError: A setting makes no sense.
    """
    settings, network = settings_of(account), Network(timeout=account.timeout)
    if not account.sandbox:
        async with ConstantContact(
            settings=settings, network=network, retry_policy=RETRIES
        ) as client:
            yield client
        return
    run.note("This is a sandbox: nothing leaves this process, and nobody gets mail.")
    async with (
        local_sandbox(settings, lists, fields) as local,
        ConstantContact(
            settings=local,
            network=network,
            limits=Limits(application="sandbox"),
            retry_policy=RETRIES,
        ) as client,
    ):
        yield client
