"""Many rows at a time, checked: each becomes a contact or a rejection.

The rows of a batch are turned into columns, because a few calls into C prove a whole column of
good cells good. Only a column with an unusual cell is checked cell by cell. A row is rejected for
its first fault, from left to right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cc_async.sources._formula_escaping import unescape_formula
from cc_async.sources._source import Batch, Cell, Rejection, Rules
from cc_async.sources.columns._cell_checks import CellError
from cc_async.sources.columns._headings import NOTES, Heading, sent_columns
from cc_async.sources.columns._row_checks import row_checks

Record = Sequence[str]
_ASIDE = ("lists", "consented_at", "")
_MAX_STREET = 255
"""Characters of a street with its second line.
https://developer.constantcontact.com/api_guide/contacts_subresources.html"""


class Checker:
    """Checks rows under one set of headings.

    *columns* are the API's names of the columns, in the order of the headings.
    """

    def __init__(self, header: Sequence[str], headings: Sequence[Heading], rules: Rules) -> None:
        self.width: int = len(header)
        self.headings: tuple[Heading, ...] = tuple(headings)
        self.columns: tuple[str, ...] = tuple(_columns_of(headings))
        self._spelled = {
            column: heading.text
            for heading in headings
            for column in (heading.column, *sent_columns(heading.column))
        }
        self._across = row_checks(self.columns, rules)
        self._has_escapes = tuple(header[-len(NOTES) :]) == NOTES

    def check(
        self,
        lines: Sequence[int],
        records: Sequence[Record],
        refused: dict[int, Rejection] | None = None,
    ) -> Batch:
        """Return *records* as contacts; each starts on its line in *lines*.

        Records *refused* already, by place, are in the batch as they are.
        """
        if self._has_escapes:
            records = [list(map(unescape_formula, record)) for record in records]
        faults: dict[int, tuple[str, str]] = {}
        if set(map(len, records)) == {self.width}:
            table = self._clean(records, faults)
        else:
            table = self._clean(self._evened(records, faults), faults)
        for check in self._across:
            for index, column, reason in check(table):
                faults.setdefault(index, (self._spelled.get(column, column), reason))
        rejections = {
            index: Rejection(lines[index], column, reason, tuple(records[index]))
            for index, (column, reason) in faults.items()
        }
        return Batch(
            lines=lines,
            identities=_identities(table),
            cells={column: table[column] for column in self.columns},
            lists=table.get("lists"),
            consented_at=table.get("consented_at"),
            rejections=rejections | (refused or {}),
        )

    def _evened(
        self, records: Sequence[Record], faults: dict[int, tuple[str, str]]
    ) -> list[Record]:
        """Reject rows of another width than the heading, and blank them.

        A row that is too short is not filled up: it may be one half of a row that a line break
        outside of quotes has torn in two.
        """
        evened = list(records)
        for index, record in enumerate(records):
            if len(record) != self.width:
                evened[index] = [""] * self.width
                faults[index] = ("", _wrong_width(len(record), self.width))
        return evened

    def _clean(
        self, records: Sequence[Record], faults: dict[int, tuple[str, str]]
    ) -> dict[str, Sequence[Cell]]:
        by_column = list(zip(*records, strict=True))
        table: dict[str, Sequence[Cell]] = {}
        for heading in self.headings:
            cells = list(map(str.strip, by_column[heading.index]))
            cleaned = heading.check.quick(cells)
            if cleaned is None:
                cleaned = list(_clean_each(heading, cells, faults))
            table[heading.column] = cleaned
        if "email" not in table:
            table["email"] = [""] * len(records)
        self._join_streets(table, faults)
        if "birthday" in table:
            days = table.pop("birthday")
            table["birthday_month"] = [day[0] if day else 0 for day in days]
            table["birthday_day"] = [day[1] if day else 0 for day in days]
        return table

    def _join_streets(
        self, table: dict[str, Sequence[Cell]], faults: dict[int, tuple[str, str]]
    ) -> None:
        """Append second lines of addresses to the first ones, as the API does."""
        for second in [column for column in table if column.endswith("street2")]:
            first = second[:-1]
            more = table.pop(second)
            streets = table.get(first, [""] * len(more))
            joined = [", ".join(filter(None, pair)) for pair in zip(streets, more, strict=True)]
            for index, street in enumerate(joined):
                if len(street) > _MAX_STREET:
                    reason = f"both lines of the street together pass {_MAX_STREET} characters"
                    faults.setdefault(index, (self._spelled[second], reason + "; shorten them"))
            table[first] = joined


def _identities(table: Mapping[str, Sequence[Cell]]) -> list[str]:
    emails = list(map(str.lower, table["email"]))
    if all(emails) or "sms_number" not in table:
        return emails
    numbers = table["sms_number"]
    return [email or f"sms:{number}" for email, number in zip(emails, numbers, strict=True)]


def _columns_of(headings: Sequence[Heading]) -> Iterator[str]:
    seen = set(_ASIDE)
    for heading in headings:
        for column in sent_columns(heading.column.replace("street2", "street")):
            if column not in seen:
                seen.add(column)
                yield column


def _clean_each(
    heading: Heading, cells: Sequence[str], faults: dict[int, tuple[str, str]]
) -> Iterator[Cell]:
    for index, cell in enumerate(cells):
        try:
            yield heading.check.clean(cell)
        except CellError as error:
            faults.setdefault(index, (heading.text, str(error)))
            yield heading.check.clean("")


def _wrong_width(cells: int, width: int) -> str:
    return (
        f"the row has {cells} cells and the heading {width}; put values that hold a comma or a "
        f"line break in double quotes, and add or remove cells until both are the same"
    )
