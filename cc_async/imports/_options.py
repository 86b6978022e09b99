"""How an import is done, as one value: the client and the command fill the same."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from cc_async.errors import InvalidRequestError
from cc_async.lookups import SuppressionKind, check_suppression_kinds
from cc_async.sources import ReadingOptions
from cc_async.wire import SmsPermission

SendAs: TypeAlias = Literal["auto", "csv", "json"]


def _path(place: str | os.PathLike[str] | None) -> Path | None:
    return None if place is None else Path(place)


@attrs.frozen
class ImportOptions:
    """How contacts are imported.

    ::

        options = ImportOptions(create_lists=True, rejects="rejected.csv", protect=["deleted"])

    Args:
        reading: How the source is read.
        send_as: `csv`, `json`, or `auto`: CSV, which needs half the requests, for contacts with a
            value in every column, and JSON for the others. In `csv` a value that was left out is
            a blank cell; whether that erases the stored value, no page of the API says.
        create_lists: Make lists that do not exist, once all contacts have been read.
        sms_permission: Required with numbers for text messages: `explicit`, and then each row with
            a number needs the date of the consent (`sms_consent_date`), or `not_set`.
        protect: Opt-outs to leave out: unsubscribed people, and deleted people; an import would
            revive the latter.
        verify: Find out which contacts arrived: always, never (`False`), or where the service's
            counts disagree with what was sent (`None`).
        rejects: Where to write rejected rows, as CSV to be corrected.
        missing: Where to write the contacts that did not arrive, as CSV to be corrected.
    """

    reading: ReadingOptions = attrs.field(factory=ReadingOptions)
    send_as: SendAs = "auto"
    create_lists: bool = False
    sms_permission: SmsPermission | None = None
    protect: Collection[SuppressionKind] = ()
    verify: bool | None = None
    rejects: Path | None = attrs.field(default=None, converter=_path)
    missing: Path | None = attrs.field(default=None, converter=_path)

    def check(self) -> None:
        """Refuse options that cannot be understood.

        Raises:
            InvalidRequestError: *send_as*, *sms_permission* or *protect* has an unknown value.
        """
        if self.send_as not in ("auto", "csv", "json"):
            raise InvalidRequestError(
                f"contacts cannot be sent as {self.send_as!r}",
                "Use 'auto', 'csv' or 'json'.",
                "send_as",
            )
        if self.sms_permission not in (None, "explicit", "not_set"):
            raise InvalidRequestError(
                f"a permission for text messages cannot be {self.sms_permission!r}",
                "Use 'explicit' or 'not_set'.",
                "sms_permission",
            )
        check_suppression_kinds(self.protect)
