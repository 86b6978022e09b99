"""The client of one account."""

from __future__ import annotations

from functools import partial
from types import TracebackType
from typing import Self

import attrs

from cc_async.auth import TokenSource, identity_of_name
from cc_async.client._bulk import Bulk
from cc_async.client._client_account import ClientAccount
from cc_async.client._credentials import find_application, open_credentials
from cc_async.client._open_stores import OpenStores
from cc_async.client._options import Limits, Network, Stores
from cc_async.imports import ImportJobs
from cc_async.jobs import JobStore
from cc_async.limits import Budget, UnnamedBudget, shared_budget
from cc_async.resources import Activities, ContactLists, CustomFields, OwnAccount, Tags
from cc_async.retries import RetryPolicy
from cc_async.session import Session
from cc_async.settings import Settings
from cc_async.sign_ups import ContactsWithSignUp, SignUpJobs
from cc_async.stores import Store
from cc_async.transport import AiohttpTransport, Transport


class ConstantContact:
    """An account of Constant Contact, for all tasks of one event loop.

    ::

        async with ConstantContact("ACCESS-TOKEN") as cc:
            async for contact_list in cc.contact_lists.iter():
                print(contact_list.name)
            report = await cc.bulk.import_contacts("contacts.csv", lists=["Newsletter"])

    Each resource of the API is an attribute with methods such as `get`, `find`, `iter`, `create`,
    `update` and `delete`: `contacts`, `contact_lists`, `custom_fields`, `tags`, `activities` and
    `account`. `bulk` imports and signs up many people at once. `budget` shows the
    requests that are left of the day, and `tokens` is the source of access tokens.

    The limits belong to the application: all clients that use the same store, in any process,
    share one budget. Its name is `Limits.application`, or the application of the sign-in or in the
    token; sources of tokens that tell none share one, too. By default that store is a file in the user's state folder. Thousands of
    clients in one event loop share one connection to it and one queue, if each is made there.

    Args:
        token: An access token, or an object with a `token` method, such as `StoredGrant`. By
            default the client takes, in this order: the variable `CC_ASYNC_ACCESS_TOKEN`; a
            refresh token from `CC_ASYNC_REFRESH_TOKEN`; the sign-in that `cc-async login` stored.
        account: Your name for the account. Jobs and attempts belong to it, and accounts take
            turns on the shared budget. By default the variable `CC_ASYNC_ACCOUNT`, the name of
            the profile, the user in the token, or the account's id: the client then asks for it
            once (`GET /account/summary`) before the first job.
        profile: The stored sign-in to use; it goes before access and refresh tokens of the
            environment.
        network: Address of the API, timeouts, proxy, certificates.
        limits: Requests a second and a day, and how bulk work shares them.
        stores: Where the budget, sign-ins and journals are kept: one open store or its URL, or
            `Stores` for one of each.
        retry_policy: How long a request is sent again after failures, and the deadline of a call.
        settle_seconds: How long the answer to an import is looked for after it was lost, and how
            long lists may take to show the people that an import put on them.
        transport: Replaces the network, and with it *network*.
        settings: Defaults for everything above; by default those of the environment.

    Raises:
        AuthError: There is no token.
        InvalidRequestError: A setting makes no sense.
        StoreError: A URL names no store, or its driver is not installed.
    """

    def __init__(
        self,
        token: str | TokenSource | None = None,
        *,
        account: str = "",
        profile: str | None = None,
        network: Network = Network(),
        limits: Limits = Limits(),
        stores: Stores | Store | str = Stores(),
        retry_policy: RetryPolicy = RetryPolicy(),
        settle_seconds: float | None = None,
        transport: Transport | None = None,
        settings: Settings | None = None,
    ) -> None:
        settings = _settings_for(profile, settings or Settings.from_environ())
        self._stores = OpenStores(
            stores if isinstance(stores, Stores) else Stores(stores), settings
        )
        connect = partial(_connect, network, network.allow_http or settings.allow_http)
        self._credentials = open_credentials(token, settings, self._stores, connect)
        self.tokens: TokenSource = self._credentials.tokens
        application = limits.application or self._credentials.application
        make_budget = partial(_budget, self._stores.budget(), limits, settings)
        budget: Budget | UnnamedBudget = (
            make_budget(application)
            if application
            else UnnamedBudget(partial(find_application, self.tokens), make_budget)
        )
        account = account or settings.account or self._credentials.account
        self._session = Session(
            transport=transport or connect(network.base_url or settings.base_url),
            tokens=self.tokens,
            budget=budget,
            policy=retry_policy,
            account=account,
        )
        self._add_resources()
        client_id = limits.application or self._credentials.client_id
        name = identity_of_name(client_id, account) if account else None
        own = ClientAccount(self._session, name)
        jobs = JobStore(self._stores.journal(), own.find, settings.home, files=self._stores.files)
        session = attrs.evolve(self._session, check_token=own.check)
        self.contacts: ContactsWithSignUp = ContactsWithSignUp(session, jobs)
        settle = settings.settle_seconds if settle_seconds is None else settle_seconds
        self.bulk: Bulk = Bulk(
            self._session,
            jobs,
            ImportJobs(jobs, session, settle_seconds=settle, answer_within=network.timeout),
            SignUpJobs(jobs, session),
        )

    def _add_resources(self) -> None:
        self.account: OwnAccount = OwnAccount(self._session)
        self.contact_lists: ContactLists = ContactLists(self._session)
        self.custom_fields: CustomFields = CustomFields(self._session)
        self.tags: Tags = Tags(self._session)
        self.activities: Activities = Activities(self._session)

    @property
    def budget(self) -> Budget | UnnamedBudget:
        """The budget of the application.

        Raises:
            ClientStateError: The client is closed, or belongs to another loop.
        """
        self._session.check()
        return self._session.budget

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
        """Close the connections, and the stores that were given as URLs."""
        await self._session.aclose()
        await self._credentials.aclose()
        await self._stores.aclose()


def _settings_for(profile: str | None, settings: Settings) -> Settings:
    """Return *settings*; with a *profile*, its stored sign-in goes before the tokens in them."""
    if profile is None:
        return settings
    return attrs.evolve(
        settings, profile=profile, access_token=None, refresh_token=None, account=""
    )


def _connect(network: Network, allow_http: bool, url: str) -> Transport:
    return AiohttpTransport(
        url,
        timeout=network.timeout,
        connect_timeout=network.connect_timeout,
        proxy=network.proxy,
        ssl_context=network.ssl_context,
        trust_env=network.trust_env,
        max_reply=network.max_reply,
        max_file=network.max_file,
        allow_http=allow_http,
    )


def _budget(store: Store, limits: Limits, settings: Settings, application: str) -> Budget:
    share = limits.share_without_store
    return shared_budget(
        store,
        key=application,
        per_second=limits.per_second or settings.per_second,
        per_day=limits.per_day or settings.per_day,
        reserve=settings.reserve if limits.reserve is None else limits.reserve,
        share_without_store=(settings.share_without_store if share is None else share) or None,
    )
