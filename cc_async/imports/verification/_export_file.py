"""Reading an exported file. Neither its headings nor its dates are documented:
https://developer.constantcontact.com/api_guide/export_contacts.html

Headings are found by their letters alone, without case, blanks and punctuation. A date is read only
where it is complete: the day, the second and the zone.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from itertools import islice

ADDRESS_FIELD, UPDATED_FIELD = "email_address", "updated_at"
"""The fields that an export is asked for."""

_ADDRESS_HEADINGS = ("emailaddress", "email", "emailaddresses", "mail")
_UPDATED_HEADINGS = (
    "updatedat", "updated", "dateupdated", "updateddate", "updateat", "updatedate", "lastupdated",
    "lastupdatedat", "lastupdate", "lastmodified", "modifiedat", "datemodified",
)  # fmt: skip
# Hours from UTC of the zones that the service may write. Seen is EDT alone; the others are those of
# the United States, with the usual abbreviations.
_HOURS = {
    "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3,
}  # fmt: skip
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(?:([A-Za-z]+)|([+-]\d\d):?(\d\d))"
)


def read_export(lines: Iterable[str], *, max_rows: int = 500) -> Iterator[list[tuple[str, int]]]:
    """Yield addresses in lower case with the times of their updates; *max_rows* at a time.

    Times are in seconds since the epoch, 0 where none can be read.

    Raises:
        ValueError: No heading names the address.
    """
    rows = csv.reader(lines)
    headings = [re.sub("[^a-z]", "", heading.lower()) for heading in next(rows, [])]
    address, updated = (
        _column_of(headings, _ADDRESS_HEADINGS),
        _column_of(headings, _UPDATED_HEADINGS),
    )
    if address is None:
        raise ValueError("no heading of the export names the address")
    while batch := list(islice(rows, max_rows)):
        yield [
            (row[address].strip().lower(), _time_of(row, updated))
            for row in batch
            if len(row) > address and row[address].strip()
        ]


def _column_of(headings: list[str], known: tuple[str, ...]) -> int | None:
    return next((headings.index(heading) for heading in known if heading in headings), None)


def _time_of(row: list[str], place: int | None) -> int:
    return 0 if place is None or len(row) <= place else read_export_time(row[place].strip())


@functools.lru_cache(maxsize=4096)
def read_export_time(text: str) -> int:
    """Return a time in seconds since the epoch, or 0 where *text* is not certain.

    Seen: `2026-09-22 06:00:02 EDT`. A time without a zone, or without seconds, is not certain.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return 0
    day, time, zone, hours, minutes = found.groups()
    if zone is not None and zone.lower() not in _HOURS:
        return 0
    offset = (
        dt.timedelta(hours=_HOURS[zone.lower()])
        if zone is not None
        else dt.timedelta(hours=int(hours), minutes=int(hours[0] + minutes))
    )
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=dt.UTC)
    except ValueError:
        return 0
    return max(0, int((moment - offset).timestamp()))
