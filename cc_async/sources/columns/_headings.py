"""The headings of a source, and the column and the check for each.

A heading is looked up in this order: the caller's mapping, the spellings of `PROPERTIES`, `cf:`
with a custom field's name or label, the label of exactly one custom field. An unknown heading is an
error before anything is sent: its values would be lost without a word.

Columns of imports, and `cf:` for custom fields:
https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from cc_async.errors import InputError
from cc_async.models import (
    CUSTOM_FIELD,
    IMPORTS,
    PROPERTIES,
    SIGN_UPS,
    CustomField,
    Property,
    ValueKind,
    holds_address,
)
from cc_async.sources._formula_escaping import unescape_formula
from cc_async.sources._source import Rules, Target
from cc_async.sources.columns._cell_checks import (
    Birthday,
    Blank,
    Check,
    Date,
    Email,
    ListNames,
    Moment,
    Number,
    SmsNumber,
    Text,
)
from cc_async.sources.columns._custom_field_checks import custom_field_check

NOTES = ("line", "column", "reason")
"""The last three headings of a file of rejected rows. They are left out when it is read again."""

COLUMNS = tuple(sorted(row.column for row in PROPERTIES))
"""All columns that a mapping can name. For a custom field it names `cf:` and its name or label."""

_ROWS = {row.column: row for row in PROPERTIES}
_NOT_SIGNIFICANT = re.compile(r"[\W_]+")
_SPELLINGS = {
    spelling: row.column
    for row in PROPERTIES
    for spelling in (_NOT_SIGNIFICANT.sub("", row.column), *row.headings.split())
}


def find_column(heading: str) -> str | None:
    """Return the API's column for *heading*, or `None` where there is no such column.

    Letter case, blanks, underscores and punctuation of a heading do not count.
    """
    return _SPELLINGS.get(_NOT_SIGNIFICANT.sub("", heading.lower()))


@attrs.frozen(eq=False, repr=False)
class Heading:
    """One heading of a source: its text, its column, and the check of its cells.

    *column* is the name of a row in `PROPERTIES`, or `cf:` and the name of a custom field. It is
    empty for a column without a heading: its cells must be blank.
    """

    index: int
    text: str
    column: str
    check: Check


def read_headings(
    header: Sequence[str],
    rules: Rules,
    mapping: Mapping[str, str],
    *,
    source: str,
    line: int = 1,
    first: int = 0,
) -> tuple[Heading, ...]:
    """Return the columns of *header* from the *first* heading on, without those left out.

    Raises:
        InputError: A heading is unknown or cannot be used; the column and the remedy are named.
    """
    headings = []
    notes = len(header) - len(NOTES) if tuple(header[-len(NOTES) :]) == NOTES else len(header)
    for index, text in enumerate(header[:notes]):
        if index < first:
            continue
        try:
            column = _column_for(text, rules, mapping)
        except _HeadingError as problem:
            raise InputError(
                problem.message, problem.remedy, source, line, text, "mapping"
            ) from None
        if column:
            headings.append(Heading(index, text, column, _check_for(column, rules)))
        elif not text.strip():
            headings.append(Heading(index, text, "", Blank()))
    return tuple(headings)


def read_heading(
    header: Sequence[str], rules: Rules, mapping: Mapping[str, str], *, source: str, line: int
) -> tuple[list[str], tuple[Heading, ...]]:
    """Return the heading of a table, and its columns.

    Raises:
        InputError: As for `read_headings`; or it is no heading, names a column twice, names no
            address, or lacks a heading of *mapping*.
    """
    header = list(
        map(unescape_formula, header) if tuple(header[-len(NOTES) :]) == NOTES else header
    )
    _refuse_missing_heading(header, source=source, line=line)
    _refuse_idle_mapping(header, mapping, source=source, line=line)
    headings = read_headings(header, rules, mapping, source=source, line=line)
    refuse_doubles(headings, source=source, line=line)
    _refuse_missing_email(headings, source=source, line=line)
    return header, headings


class _HeadingError(Exception):
    """Message and remedy for a heading that cannot be used."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.message, self.remedy = message, remedy


def _column_for(text: str, rules: Rules, mapping: Mapping[str, str]) -> str:
    wanted = mapping.get(text, mapping.get(text.strip()))
    if wanted == "":
        return ""
    name = (text if wanted is None else wanted).strip()
    if not name:
        return ""
    column = find_column(name) or _custom_field_column(name, rules.custom_fields)
    if column is None:
        known = ", ".join(COLUMNS)
        raise _HeadingError(
            "no column of a contact has this name"
            if wanted is None
            else f"it is mapped to {name!r}, and no column of a contact has this name",
            f"Map it to a column, or leave it out. Columns are {known}, and cf:NAME for custom fields"
            f"{_names_of(rules.custom_fields)}.",
        )
    _refuse_for_target(column, rules)
    return column


def _refuse_for_target(column: str, rules: Rules) -> None:
    for row in not_carried_by(rules.target):
        if row.column == column:
            raise _HeadingError(row.why_not, "Map it to an empty column to leave it out.")


def not_carried_by(target: Target) -> tuple[Property, ...]:
    """Return the properties that imports, or sign-ups, do not carry."""
    return _NOT_CARRIED[target]


_ZONES = dt.timedelta(days=1)
"""How far ahead of us a clock or a date may be: today has begun 14 hours earlier in other zones."""

_NOT_CARRIED: dict[Target, tuple[Property, ...]] = {
    "import": tuple(row for row in PROPERTIES if not row.carried_by & IMPORTS),
    "sign_up": tuple(row for row in PROPERTIES if not row.carried_by & SIGN_UPS),
}


def _names_of(fields: Iterable[CustomField]) -> str:
    names = sorted(CUSTOM_FIELD + field.name for field in fields)
    return f" ({', '.join(names)})" if names else " (the account has none)"


def _custom_field_column(name: str, fields: Sequence[CustomField]) -> str | None:
    if not name.lower().startswith(CUSTOM_FIELD):
        labelled = [field for field in fields if field.label == name]
        return CUSTOM_FIELD + labelled[0].name if len(labelled) == 1 else None
    wanted = name[len(CUSTOM_FIELD) :].strip()
    for found in (
        [field for field in fields if field.name == wanted],
        [field for field in fields if field.label == wanted],
        [field for field in fields if wanted.lower() in (field.name.lower(), field.label.lower())],
    ):
        if len(found) == 1:
            return CUSTOM_FIELD + found[0].name
        if found:
            raise _HeadingError(
                "more than one custom field of the account is meant by this name",
                f"Use the exact name of one of them{_names_of(found)}.",
            )
    raise _HeadingError(
        "the account has no such custom field",
        f"Create it first, map this heading to one that exists{_names_of(fields)}, or leave it out.",
    )


def _check_for(column: str, rules: Rules) -> Check:
    row = _ROWS.get(column)
    if row is not None:
        return _CHECKS[row.value](row, rules)
    name = column.removeprefix(CUSTOM_FIELD)
    return custom_field_check(next(each for each in rules.custom_fields if each.name == name))


def _date(row: Property, rules: Rules) -> Check:
    if row.column != "sms_consent_date":
        return Date()
    return Date(lambda: (rules.clock() + _ZONES).date())


def _lists(_: Property, rules: Rules) -> Check:
    by_name = {each.name: each.list_id for each in reversed(rules.lists)}
    return ListNames(by_name | {each.list_id: each.list_id for each in rules.lists})


_CHECKS: dict[ValueKind, Callable[[Property, Rules], Check]] = {
    "text": lambda row, _: Text(row.max_length),
    "email": lambda _, rules: Email(rules.max_email),
    "phone": lambda _, rules: Text(rules.max_phone),
    "date": _date,
    "month": lambda _, __: Number(12),
    "day": lambda _, __: Number(31),
    "birthday": lambda _, __: Birthday(),
    "sms_number": lambda _, __: SmsNumber(),
    "lists": _lists,
    "moment": lambda _, rules: Moment(lambda: rules.clock() + _ZONES),
}
"""The check of each kind of value."""


def refuse_doubles(headings: Sequence[Heading], *, source: str, line: int = 1) -> None:
    """Raise `InputError` if two headings mean the same column."""
    seen: dict[str, str] = {}
    for heading in headings:
        for column in sent_columns(heading.column):
            if column in seen:
                is_same = seen[column] == heading.text
                raise InputError(
                    "this heading is there twice"
                    if is_same
                    else f"it means the same column as {seen[column]!r}",
                    "Rename one of them; a new name can be mapped to an empty column."
                    if is_same
                    else "Keep one of them, and map the other to an empty column.",
                    source,
                    line,
                    heading.text,
                    "" if is_same else "mapping",
                )
            seen[column] = heading.text


def sent_columns(column: str) -> tuple[str, ...]:
    """Return the columns that a heading fills: both halves for a birthday, none for a blank one."""
    row = _ROWS.get(column)
    return (row and row.sent_as) or ((column,) if column else ())


def _refuse_missing_heading(header: Sequence[str], *, source: str, line: int) -> None:
    """Raise `InputError` if the first line is a contact and no heading."""
    if any(holds_address(text) for text in header):
        raise InputError(
            "the first line is a contact, not a heading",
            "Put a line with the names of the columns on top, such as: "
            "Email Address,First Name,Last Name",
            source,
            line,
        )


def _refuse_idle_mapping(
    header: Sequence[str], mapping: Mapping[str, str], *, source: str, line: int
) -> None:
    """Raise `InputError` if the caller's mapping names a heading that is not there."""
    there = {text.strip() for text in header}
    for name in mapping:
        if name.strip() not in there:
            raise InputError(
                f"there is no heading {name!r} to map",
                f"Write it as the file does. Its headings are: {', '.join(header)}.",
                source,
                line,
                option="mapping",
            )


def _refuse_missing_email(headings: Sequence[Heading], *, source: str, line: int) -> None:
    """Raise `InputError` if no heading identifies a contact."""
    if {"email", "sms_number"}.isdisjoint(heading.column for heading in headings):
        raise InputError(
            "no heading names the e-mail address",
            "Name that column 'Email Address', or map its heading to email. Cells must be "
            "separated by commas, semicolons or tabs.",
            source,
            line,
            option="mapping",
        )
