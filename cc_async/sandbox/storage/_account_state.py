"""The account in memory: contacts, lists, activities, tokens, and the counters of its limits."""

from __future__ import annotations

import random
from typing import Any

from cc_async.sandbox._clock import Clock
from cc_async.sandbox._ids import Ids
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.http import CallsPerSecond, Cursors, Throttle
from cc_async.sandbox.storage._access_rights import Rights
from cc_async.sandbox.storage._activity_queue import ActivityQueue
from cc_async.sandbox.storage._attempt_guard import AttemptGuard
from cc_async.sandbox.storage._contact_table import ContactTable
from cc_async.sandbox.storage._grants import OWNER_LOGIN, Grants
from cc_async.sandbox.storage._list_records import FieldRecord, ListRecord, TagRecord

OWNER: dict[str, Any] = {
    "contact_email": "owner@example.com",
    "contact_phone": "5555551212",
    "country_code": "us",
    "encoded_account_id": "a00example000",
    "encoded_partner_id": "",
    "first_name": "Lola",
    "last_name": "Zang",
    "organization_name": "Example Shop",
    "time_zone_id": "US/Eastern",
}
"""Owner of a new account, with the properties that were observed."""


class ApplicationState:
    """Everything that belongs to the application, and so to all of its accounts together."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.accounts: dict[str, AccountState] = {}
        """All accounts by the login of their user; the first comes first."""
        self.random: random.Random = random.Random(settings.seed)  # noqa: S311 - nothing here is a secret
        self.limits: Throttle = Throttle(settings)
        self.grants: Grants = Grants(settings, self.random)
        self.token_calls: CallsPerSecond = CallsPerSecond(settings.token_calls_per_second)


class AccountState:
    """Everything an account holds.

    The first account makes its *application*. All others join that, with a *login* and a *token*.
    """

    def __init__(
        self,
        settings: SandboxSettings,
        clock: Clock,
        application: ApplicationState | None = None,
        *,
        login: str = OWNER_LOGIN,
        token: str = "",
    ) -> None:
        self.settings: SandboxSettings = settings
        self.clock: Clock = clock
        self.login: str = login
        self.application: ApplicationState = application or ApplicationState(settings)
        self.random: random.Random = self.application.random
        self.limits: Throttle = self.application.limits
        self.grants: Grants = self.application.grants
        self.token_calls: CallsPerSecond = self.application.token_calls
        self.accounts: dict[str, AccountState] = self.application.accounts
        self.rights: Rights = Rights(token if application else settings.token, self.grants)
        self.ids: Ids = Ids(self.random)
        self.contacts: ContactTable = ContactTable()
        self.lists: dict[str, ListRecord] = {}
        self.account: dict[str, Any] = dict(OWNER)
        if application:
            number = f"a00example{len(self.accounts):03d}"
            self.account.update({"contact_email": login, "encoded_account_id": number})
        self.accounts[login] = self
        self.custom_fields: dict[str, FieldRecord] = {}
        self.tags: dict[str, TagRecord] = {}
        self.activities: ActivityQueue = ActivityQueue(settings)
        self.cursors: Cursors = Cursors(self.ids)
        self.attempts: AttemptGuard = AttemptGuard(settings)
        self.computed_segments: set[str] = set()
        """Segments that were asked for once; the second request is answered."""
        self.exports: dict[str, tuple[str, bytes]] = {}
        """Exported files by id: the activity's id, and the CSV."""

    def add_accounts(self) -> None:
        """Add the further accounts of the settings to the first one."""
        for token, login in self.settings.accounts.items():
            AccountState(self.settings, self.clock, self.application, login=login, token=token)

    def of_token(self, authorization: str) -> AccountState:
        """Return the account of an `Authorization` header; an unknown token is for this one."""
        token = authorization.partition(" ")[2].strip()
        if self.grants.has_access_token(token):
            return self.accounts.get(self.grants.login_of(token), self)
        return self.accounts.get(self.settings.accounts.get(token, self.login), self)

    def find_list(self, list_id: str) -> ListRecord | None:
        """Return the list with this id, unless it was deleted."""
        record = self.lists.get(list_id)
        return None if record is None or record.deleted_at is not None else record
