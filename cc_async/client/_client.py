"""The client of one account."""

from __future__ import annotations

import ssl
from functools import partial
from types import TracebackType
from typing import Self

import attrs

from cc_async.auth import TokenSource
from cc_async.client._access import open_access
from cc_async.client._bulk import Bulk
from cc_async.client._stores import OpenStores
from cc_async.imports import ImportJobs
from cc_async.jobs import JobStore
from cc_async.limits import Budget, Pacing
from cc_async.resources import Activities, ContactLists, Contacts, CustomFields, OwnAccount, Tags
from cc_async.retries import RetryPolicy
from cc_async.session import Session
from cc_async.settings import Settings
from cc_async.sign_ups import SignUpJobs
from cc_async.stores import Store
from cc_async.transport import AiohttpTransport, Transport


class ConstantContact:
    """An account of Constant Contact, for all tasks of one event loop.

    ::

        async with ConstantContact("ACCESS-TOKEN") as cc:
            report = await cc.bulk.import_contacts("contacts.csv", lists=["Newsletter"])

    Limits belong to the application, whoever uses it: all clients on one store, in whatever
    process, share one budget. By default that store is a file in the user's state folder.

    Args:
        token: An access token, or anything with a `token` method that names one. Without it,
            the variable `CC_ASYNC_ACCESS_TOKEN` is taken; without that, a refresh token from
            `CC_ASYNC_REFRESH_TOKEN`; without that, what `cc-async login` has stored.
        profile: Whose stored sign-in to use, whatever the variables say.
        base_url: Where the API is.
        timeout: Seconds for one request and its answer; large bodies get longer.
        connect_timeout: Seconds for a connection to come about.
        proxy: Address of an HTTP proxy.
        ssl_context: Certificates to trust, or to show, in place of the system's.
        trust_env: Take proxies from the environment.
        policy: What is tried again, and how long.
        store: Where budget, sign-ins and journals live; an opened store, which stays open, or its URL.
        per_second: Requests a second that the application may send.
        per_day: Requests it may send in a UTC day.
        pacing: `steady` is never refused whichever way the service counts its seconds; `learn`
            opens up where it turns out to count fixed ones, and closes where it does not.
        reserve: The share of the day, from 0 to 1, that bulk work leaves to other calls.
        share_without_store: The share of the limits, from 0 to 1, that this process uses on its
            own while the store of the budget is out of reach; by default nothing is sent then.
        application: Whose budget this is, where the token does not tell.
        account: A name for the account; accounts take turns on a shared budget.
        settle_seconds: How long a lost answer to an import is looked for, and how long lists may
            take to show whom it put there.
        transport: Takes the place of the network; the settings for it are then unused.
        settings: Defaults for all of these, in place of the environment's.

    Raises:
        AuthError: There is no token.
        InvalidRequestError: A setting makes no sense.
    """

    def __init__(
        self,
        token: str | TokenSource | None = None,
        *,
        profile: str | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        connect_timeout: float = 10.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        trust_env: bool = False,
        policy: RetryPolicy | None = None,
        store: Store | str | None = None,
        per_second: int | None = None,
        per_day: int | None = None,
        pacing: Pacing | None = None,
        reserve: float | None = None,
        share_without_store: float | None = None,
        application: str | None = None,
        account: str = "",
        settle_seconds: float | None = None,
        transport: Transport | None = None,
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings.from_environ()
        if isinstance(store, str):
            settings = attrs.evolve(
                settings, store=store, budget_store=None, token_store=None, journal_store=None
            )
            store = None
        if profile is not None:
            settings = attrs.evolve(
                settings, profile=profile, access_token=None, refresh_token=None
            )
        self._stores = OpenStores(store)
        connect = partial(
            AiohttpTransport,
            timeout=timeout,
            connect_timeout=connect_timeout,
            proxy=proxy,
            ssl_context=ssl_context,
            trust_env=trust_env,
        )
        self._access = open_access(token, settings, self._stores, connect)
        application = application or self._access.application
        account = account or self._access.account
        budget = Budget(
            self._stores.get(settings.budget_url),
            key=application,
            per_second=per_second or settings.per_second,
            per_day=per_day or settings.per_day,
            pacing=pacing or settings.pacing,
            reserve=settings.reserve if reserve is None else reserve,
            share_without_store=share_without_store or settings.share_without_store,
        )
        self._session = Session(
            transport=transport or connect(base_url or settings.base_url),
            tokens=self._access.tokens,
            budget=budget,
            policy=policy or RetryPolicy(),
            account=account,
        )
        self.budget: Budget = budget
        self.tokens: TokenSource = self._access.tokens
        self.account: OwnAccount = OwnAccount(self._session)
        self.contacts: Contacts = Contacts(self._session)
        self.contact_lists: ContactLists = ContactLists(self._session)
        self.custom_fields: CustomFields = CustomFields(self._session)
        self.tags: Tags = Tags(self._session)
        self.activities: Activities = Activities(self._session)
        jobs = JobStore(
            self._stores.get(settings.journal_url), f"{application}:{account}", settings.home
        )
        self.bulk: Bulk = Bulk(
            self._session,
            ImportJobs(
                self._session,
                jobs,
                settle=settings.settle_seconds if settle_seconds is None else settle_seconds,
                answer_within=timeout,
            ),
            SignUpJobs(self._session, jobs),
        )

    async def __aenter__(self) -> Self:
        self._session.check()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Let go of connections, and of the stores that were opened here."""
        await self._session.aclose()
        await self._access.aclose()
        await self._stores.aclose()
