"""Everything the account holds, in memory."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import attrs

from cc_async.sandbox._activity_queue import ActivityQueue
from cc_async.sandbox._clock import Clock
from cc_async.sandbox._contact_book import ContactBook
from cc_async.sandbox._cursors import Cursors
from cc_async.sandbox._grants import Grants
from cc_async.sandbox._ids import Ids
from cc_async.sandbox._limits import Limits, Pace
from cc_async.sandbox._rights import Rights
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox._tries import Tries

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
"""What an account says of itself at first."""


@attrs.define(eq=False)
class ListRecord:
    """A list; deleted ones stay, so that they can be asked for."""

    list_id: str
    number: int
    name: str
    created_at: float
    updated_at: float
    description: str | None = None
    is_favorite: bool = False
    deleted_at: float | None = None


@attrs.define(eq=False)
class FieldRecord:
    """A custom field. *name* is made from *label* and is what imports call it."""

    field_id: str
    number: int
    label: str
    name: str
    kind: str
    version: int
    created_at: float
    updated_at: float
    metadata: Mapping[str, Any] | None = None
    choices: tuple[Mapping[str, Any], ...] | None = None


@attrs.define(eq=False)
class TagRecord:
    tag_id: str
    number: int
    name: str
    source: str
    created_at: float
    updated_at: float


class State:
    """The account, and what is kept to judge requests by."""

    def __init__(self, settings: SandboxSettings, clock: Clock) -> None:
        self.settings: SandboxSettings = settings
        self.clock: Clock = clock
        self.random: random.Random = random.Random(settings.seed)  # noqa: S311 - nothing here is a secret
        self.ids: Ids = Ids(self.random)
        self.contacts: ContactBook = ContactBook()
        self.lists: dict[str, ListRecord] = {}
        self.account: dict[str, Any] = dict(OWNER)
        self.custom_fields: dict[str, FieldRecord] = {}
        self.tags: dict[str, TagRecord] = {}
        self.activities: ActivityQueue = ActivityQueue(settings)
        self.cursors: Cursors = Cursors(self.ids)
        self.limits: Limits = Limits(settings)
        self.tries: Tries = Tries(settings)
        self.grants: Grants = Grants(settings, self.random)
        self.rights: Rights = Rights(settings, self.grants)
        self.token_calls: Pace = Pace(settings.token_calls_per_second)
        self.segments_asked: set[str] = set()
        self.exports: dict[str, tuple[str, bytes]] = {}

    def find_list(self, list_id: str) -> ListRecord | None:
        """Return the list with this id, unless it was deleted."""
        record = self.lists.get(list_id)
        return None if record is None or record.deleted_at is not None else record
