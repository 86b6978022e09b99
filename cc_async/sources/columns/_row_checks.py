"""Checks of a row across its columns.

The API stores at most three phones of a contact, and `phone` and `other_phone` in one place. A
sign-up carries one phone and one address. Both halves of a birthday belong together. Only checks
for columns that are there are run.
https://developer.constantcontact.com/api_guide/contacts_subresources.html
https://developer.constantcontact.com/api_guide/contacts_create_or_update.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from cc_async.models import CUSTOM_FIELD, PROPERTIES, birthday_fault
from cc_async.sources._source import Cell, Rules

Table = Mapping[str, Sequence[Cell]]
"""Cleaned cells by column, all columns of one length; `email` is always there."""
RowFault = tuple[int, str, str]
"""The place of the row, the column at fault, and the reason."""
RowCheck = Callable[[Table], Iterator[RowFault]]

_PHONES = tuple(row.column for row in PROPERTIES if row.value == "phone")
_ADDRESSES = tuple(
    tuple(
        row.column
        for row in PROPERTIES
        if row.sign_up.startswith("street_address.") and row.kind == kind
    )
    for kind in ("home", "work", "other")
)
_MAX_PHONES = 3
"""Phones of one contact."""


def row_checks(columns: Sequence[str], rules: Rules) -> tuple[RowCheck, ...]:
    """Return the checks that rows with these *columns* need."""
    checks: list[RowCheck] = [_identity]
    phones = [column for column in _PHONES if column in columns]
    if {"birthday_month", "birthday_day"} & set(columns):
        checks.append(_birthday)
    if rules.needs_sms_consent and "sms_number" in columns:
        checks.append(_sms_consent)
    if {"phone", "other_phone"} <= set(phones):
        both = "phone and other phone are stored in one place; leave one of them blank"
        checks.append(_at_most(1, ("phone", "other_phone"), both))
    if rules.target == "sign_up":
        checks.append(_at_most(1, phones, "a sign-up takes one phone; leave the others blank"))
        checks.append(_one_address)
    else:
        checks.append(
            _at_most(_MAX_PHONES, phones, "a contact takes three phones; leave the others blank")
        )
    if (limit := rules.max_custom_fields) is not None:
        custom = [column for column in columns if column.startswith(CUSTOM_FIELD)]
        too_many = f"a contact takes {limit} custom fields; leave the others blank"
        checks.append(_at_most(limit, custom, too_many))
    return tuple(checks)


def _identity(table: Table) -> Iterator[RowFault]:
    emails = table["email"]
    if not all(emails):
        numbers = table.get("sms_number", emails)
        for index, (email, number) in enumerate(zip(emails, numbers, strict=True)):
            if not email and not number:
                yield index, "email", "there is no e-mail address; add one"


def _sms_consent(table: Table) -> Iterator[RowFault]:
    """Yield the rows with a number for text messages and without the date of the consent.

    https://developer.constantcontact.com/api_guide/import_contacts.html
    """
    numbers = table["sms_number"]
    dates = table.get("sms_consent_date", [""] * len(numbers))
    column = "sms_consent_date" if "sms_consent_date" in table else "sms_number"
    reason = "explicit permission for text messages needs the date of the consent; add it"
    for index, (number, date) in enumerate(zip(numbers, dates, strict=True)):
        if number and not date:
            yield index, column, f"{reason} in the column sms_consent_date"


def _birthday(table: Table) -> Iterator[RowFault]:
    blanks = [0] * len(table["email"])
    months = table.get("birthday_month", blanks)
    days = table.get("birthday_day", blanks)
    for index, (month, day) in enumerate(zip(months, days, strict=True)):
        if (month or day) and (fault := birthday_fault(month, day))[0]:
            yield index, *fault


def _at_most(limit: int, columns: Sequence[str], reason: str) -> RowCheck:
    def check(table: Table) -> Iterator[RowFault]:
        if len(columns) > limit:
            for index, cells in enumerate(zip(*(table[name] for name in columns), strict=True)):
                if len(cells) - cells.count("") > limit:
                    yield index, columns[-1], reason

    return check


def _one_address(table: Table) -> Iterator[RowFault]:
    addresses = [[table[part] for part in parts if part in table] for parts in _ADDRESSES]
    used = [[any(cells) for cells in zip(*parts, strict=True)] for parts in addresses if parts]
    if len(used) > 1:
        for index, found in enumerate(zip(*used, strict=True)):
            if sum(found) > 1:
                yield index, "", "a sign-up takes one street address; leave the others blank"
