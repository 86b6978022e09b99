"""Bodies of the two bulk imports, exact to the byte.

A body is a head, rows with a separator between them, and a tail; so its size is known before it is
built. The service keeps the first 4 MB of a body and 40,000 lines of a file, and drops the rest
without a word. A body has at most `MAX_BYTES` and `MAX_CONTACTS`.

https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import attrs
import orjson

from cc_async.models import CUSTOM_FIELD, PROPERTIES

MAX_BYTES = 3_999_999
"""Bytes of a whole body, multipart framing included: one below the smallest reading of "4 MB"."""

MAX_CONTACTS = 39_999
"""Contacts of one import: 40,000 lines with the heading row. The guide names 40,000 for JSON, too."""

MAX_LISTS = 50
"""Lists of one import: the page above."""

ImportFormat = Literal["csv", "json"]
SmsPermission = Literal["explicit", "not_set"]

_CSV_COLUMNS = frozenset(
    row.column for row in PROPERTIES if row.is_column and "csv" in row.carried_by
)
"""Headings of a file import beside custom fields; other phones and addresses need JSON."""


def is_csv_column(column: str) -> bool:
    """Whether a file import can carry *column*."""
    return column in _CSV_COLUMNS or column.startswith(CUSTOM_FIELD)


@attrs.frozen
class BodyFrame:
    """An import request without its rows."""

    path: str
    content_type: str
    head: bytes = attrs.field(repr=False)
    separator: bytes
    tail: bytes = attrs.field(repr=False)

    @property
    def overhead(self) -> int:
        """Bytes that a body has beside its rows and separators."""
        return len(self.head) + len(self.tail)

    def build(self, rows: Iterable[bytes]) -> bytes:
        """Return the whole body."""
        return b"".join((self.head, self.separator.join(rows), self.tail))


def csv_frame(
    columns: Sequence[str],
    list_ids: Sequence[str],
    *,
    file_name: str,
    boundary: str,
    sms_permission: SmsPermission | None = None,
) -> BodyFrame:
    """Return the frame of `POST /activities/contacts_file_import`.

    One text part holds all list ids, joined by commas; the file part starts with the heading
    row of *columns*. Without *columns*, what is put into the frame is a whole file.
    """
    parts = [("list_ids", ",".join(list_ids))]
    if sms_permission is not None:
        parts.append(("sms_permission_to_send", sms_permission))
    fields = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    )
    file_head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    heading = csv_row({column: column for column in columns}, columns) + b"\r\n" if columns else b""
    return BodyFrame(
        path="/activities/contacts_file_import",
        content_type=f"multipart/form-data; boundary={boundary}",
        head=(fields + file_head).encode() + heading,
        separator=b"\r\n",
        tail=f"\r\n--{boundary}--\r\n".encode(),
    )


def csv_row(values: Mapping[str, str | int], columns: Sequence[str]) -> bytes:
    """Return one line of a file import, without its line end; a missing value is a blank cell."""
    line = ",".join([str(values.get(column, "")) for column in columns])
    if line.count(",") >= len(columns) or '"' in line:
        line = ",".join([_quoted(str(values.get(column, ""))) for column in columns])
    return line.encode()


def csv_rows(columns: Sequence[Sequence[str | int]]) -> list[str]:
    """Return lines of a file import, given as columns of equal length; 0 is a blank cell.

    As `csv_row`, several times as fast: what must be quoted is found a column at a time.
    """
    return list(map(",".join, zip(*map(_as_cells, columns), strict=True)))


def _as_cells(column: Sequence[Any]) -> Sequence[str]:
    try:
        joined = "".join(column)
    except TypeError:  # numbers: only birthdays have them
        return [str(cell or "") for cell in column]
    return [_quoted(cell) for cell in column] if "," in joined or '"' in joined else column


def _quoted(cell: str) -> str:
    if "," in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


def json_frame(
    list_ids: Sequence[str], *, sms_permission: SmsPermission | None = None
) -> BodyFrame:
    """Return the frame of `POST /activities/contacts_json_import`."""
    rest: dict[str, object] = {"list_ids": list(list_ids)}
    if sms_permission is not None:
        rest["sms_permission_to_send"] = sms_permission
    return BodyFrame(
        path="/activities/contacts_json_import",
        content_type="application/json",
        head=b'{"import_data":[',
        separator=b",",
        tail=b"]," + orjson.dumps(rest)[1:],
    )


def json_row(values: Mapping[str, str | int]) -> bytes:
    """Return one contact of a JSON import, compact. Give it no blank values."""
    return orjson.dumps(values)


def json_rows(columns: Mapping[str, Sequence[str | int]]) -> bytes:
    """Return contacts of a JSON import, one a line, given as columns; blank cells are left out.

    As `json_row`, several times as fast: what must be escaped is found a column at a time.
    """
    parts, cells = [], []
    for name, column in columns.items():
        part, texts = _as_members(orjson.dumps(name).decode(), column)
        parts.append(part)
        cells.append(texts)
    members = "".join(parts)
    rows = ["{" + (members % row)[:-1] + "}" for row in zip(*cells, strict=True)]
    return "\n".join(rows).encode()


def _as_members(key: str, column: Sequence[Any]) -> tuple[str, Sequence[str]]:
    """Return a pattern for a member of an object, and the texts that fill it row by row."""
    try:
        joined = "".join(column)
        is_plain = '"' not in joined and "\\" not in joined and joined.isprintable()
    except TypeError:  # numbers: only birthdays have them
        is_plain = False
    if not is_plain:
        return "%s", [f"{key}:{orjson.dumps(cell).decode()}," if cell else "" for cell in column]
    if all(column):
        return key.replace("%", "%%") + ':"%s",', column
    return "%s", [f'{key}:"{cell}",' if cell else "" for cell in column]
