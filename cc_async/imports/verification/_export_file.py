"""Reading an exported file: neither its titles nor its dates are documented.

Titles are found by their letters, whatever the case and what stands between them. A date is read
only where it says everything: the day, the second and the zone.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator
from itertools import islice

ADDRESS_FIELD, UPDATED_FIELD = "email_address", "updated_at"
"""What an export is asked for."""

_ADDRESS_TITLES = ("emailaddress", "email", "emailaddresses", "mail")
_UPDATED_TITLES = (
    "updatedat", "updated", "dateupdated", "updateddate", "updateat", "updatedate", "lastupdated",
    "lastupdatedat", "lastupdate", "lastmodified", "modifiedat", "datemodified",
)  # fmt: skip
_HOURS = {
    "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6,
    "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3,
}  # fmt: skip
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(?:([A-Za-z]+)|([+-]\d\d):?(\d\d))"
)


def read_export(lines: Iterable[str], *, max_rows: int = 500) -> Iterator[list[tuple[str, int]]]:
    """Yield addresses, in lower case, and when they were updated; *max_rows* at a time.

    Times are in seconds since the epoch, 0 where there is none that can be read.

    Raises:
        ValueError: No title names the address.
    """
    rows = csv.reader(lines)
    titles = [re.sub("[^a-z]", "", title.lower()) for title in next(rows, [])]
    address, updated = _place(titles, _ADDRESS_TITLES), _place(titles, _UPDATED_TITLES)
    if address is None:
        raise ValueError("no column of the export names the address")
    while batch := list(islice(rows, max_rows)):
        yield [
            (row[address].strip().lower(), _time(row, updated))
            for row in batch
            if len(row) > address and row[address].strip()
        ]


def _place(titles: list[str], known: tuple[str, ...]) -> int | None:
    return next((titles.index(title) for title in known if title in titles), None)


def _time(row: list[str], place: int | None) -> int:
    return 0 if place is None or len(row) <= place else read_export_time(row[place].strip())


@functools.lru_cache(maxsize=4096)
def read_export_time(text: str) -> int:
    """Return the seconds since the epoch that *text* means, or 0 where that is not certain.

    Seen: `2026-09-22 06:00:02 EDT`. Without a zone, or without seconds, it could be anything.
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
