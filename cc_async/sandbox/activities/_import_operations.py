"""Both bulk imports: `contacts_file_import` (CSV) and `contacts_json_import`.

The service reads 4 MB of a body and 40,000 lines, and drops the rest silently: the reply is the
same 201, and only the counters show the difference.
https://developer.constantcontact.com/api_guide/import_contacts.html
"""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator
from typing import Any

import orjson

from cc_async.sandbox._call import Call
from cc_async.sandbox._ids import is_uuid
from cc_async.sandbox._settings import SandboxSettings
from cc_async.sandbox.activities._activities import refuse_full_queue, start_activity
from cc_async.sandbox.activities._activity_views import activity_view
from cc_async.sandbox.activities._row_writer import (
    CORRECTABLE,
    ERROR,
    NOT_LISTED,
    STORED,
    ImportedRow,
    RowWriter,
)
from cc_async.sandbox.contacts import without_duplicates
from cc_async.sandbox.http import (
    ErrorReply,
    FormPart,
    bad_request,
    json_reply,
    not_found,
    read_form,
    unsupported_media_type,
)
from cc_async.sandbox.storage import (
    MAX_LISTS_PER_CONTACT,
    ActivityRecord,
    Steps,
    WorkFailedError,
    address_key,
)
from cc_async.wire import Reply, is_csv_column

INVALID_LISTS = bad_request("list_ids does not have a valid value")
SMS_PERMISSIONS = ("explicit", "not_set")


def start_file_import(call: Call) -> Reply:
    """`POST /activities/contacts_file_import`: a form with a file and a list of ids."""
    refuse_full_queue(call)
    content_type = call.request.headers.get("content-type", "")
    try:
        parts = read_form(content_type, call.request.body, call.settings.max_bytes)
    except ValueError:
        raise unsupported_media_type() from None
    file = next((part for part in parts if part.name == "file"), None)
    if file is None:
        raise bad_request("file is missing")
    if not (file.file_name or "").lower().endswith(".csv"):
        raise unsupported_media_type("Wrong file format, upload file must be of type .csv")
    list_ids = [
        one.strip()
        for part in parts
        if part.name == "list_ids"
        for one in part.data.decode("utf-8", "replace").split(",")
    ]
    writer = _make_writer(call, list_ids, _text(parts, "sms_permission_to_send"), not_found())
    record = _start(call, file.data.count(b"\n") + 1, writer, _file_rows(call.settings, file.data))
    record.source_file_name = _shown_name(call.settings, file.file_name)
    return json_reply(201, activity_view(record, call.now))


def _text(parts: list[FormPart], name: str) -> str | None:
    found = next((part.data for part in parts if part.name == name), None)
    return None if found is None else found.decode("utf-8", "replace").strip()


def _shown_name(settings: SandboxSettings, name: str | None) -> str | None:
    match settings.source_file_name:
        case "echoed":
            return name
        case "mangled":
            return f"import_{zlib.crc32((name or '').encode()):08x}.csv"
        case "missing":
            return None


def start_json_import(call: Call) -> Reply:
    """`POST /activities/contacts_json_import`: flat objects and a list of ids."""
    refuse_full_queue(call)
    body = call.json_object()
    rows = body.get("import_data")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_request(
            "import_data does not have a valid value" if rows else "import_data is missing"
        )
    list_ids = body.get("list_ids")
    if not isinstance(list_ids, list):
        raise bad_request("list_ids is missing" if list_ids is None else "list_ids is invalid")
    writer = _make_writer(call, list_ids, body.get("sms_permission_to_send"), INVALID_LISTS)
    rows_later = _json_rows(call.settings, call.request.body)
    return json_reply(201, activity_view(_start(call, len(rows), writer, rows_later), call.now))


def _make_writer(
    call: Call, list_ids: list[Any], sms_permission: object, unknown_list: ErrorReply
) -> RowWriter:
    ids = without_duplicates(one for one in list_ids if isinstance(one, str) and one)
    if not ids or len(ids) > MAX_LISTS_PER_CONTACT or not all(map(is_uuid, ids)):
        raise INVALID_LISTS
    if not all(map(call.state.find_list, ids)):
        raise unknown_list
    if sms_permission is not None and sms_permission not in SMS_PERMISSIONS:
        raise bad_request("sms_permission_to_send does not have a valid value")
    field_ids = {one.name: one.field_id for one in call.state.custom_fields.values()}
    return RowWriter(call.state, ids, field_ids, str(sms_permission or "not_set"))


def _start(
    call: Call, total: int, writer: RowWriter, rows: Iterator[ImportedRow]
) -> ActivityRecord:
    record = start_activity(call, "contacts_import", total)
    record.running_counters = {"items_total_count": total}
    record.steps = _write_rows(record, writer, rows)
    return record


def _write_rows(record: ActivityRecord, writer: RowWriter, rows: Iterator[ImportedRow]) -> Steps:
    """Write all rows, one a step, and count their results."""
    counts = {STORED: 0, ERROR: 0, CORRECTABLE: 0, NOT_LISTED: 0}
    duplicates = writer.state.settings.duplicates
    seen: dict[str, None] = {}  # the garbage collector passes over a dict of texts, but not a set
    read = 0
    for row in rows:
        read += 1
        if duplicates == "last" or not _is_repeated(row, seen):
            counts[writer.write(row, record.step_time)] += 1
        elif duplicates == "refused":
            counts[ERROR] += 1
        yield
    stored = counts.pop(STORED) + counts[NOT_LISTED]
    counted = read if writer.state.settings.person_count == "read" else stored
    record.counters = {"items_total_count": read + 1, "person_count": counted, **counts}


def _is_repeated(row: ImportedRow, seen: dict[str, None]) -> bool:
    key = address_key(str(row.get("email") or ""))
    is_new = not key or key not in seen
    seen[key] = None
    return not is_new


def _file_rows(settings: SandboxSettings, data: bytes) -> Iterator[ImportedRow]:
    """Yield the rows of a CSV, up to the service's limit of lines."""
    try:
        reader = csv.reader(io.StringIO(data.decode(), newline=""))
        headings = next(reader, [])
        if "email" not in headings and "sms_number" not in headings:
            raise WorkFailedError("The file has neither a column email nor a column sms_number.")
        _check_headings(settings, headings)
        for cells in reader:
            if reader.line_num > settings.max_lines:
                return
            if cells:
                yield _row_of(headings, cells, keeps_blanks=settings.blank_cells == "erased")
    except (UnicodeDecodeError, csv.Error):
        raise WorkFailedError("The file could not be read.") from None


def _check_headings(settings: SandboxSettings, headings: list[str]) -> None:
    unknown = [one for one in headings if not is_csv_column(one)]
    if unknown and settings.unknown_headings == "failed":
        raise WorkFailedError(f"The file has an unknown column: {unknown[0]}")


def _row_of(headings: list[str], cells: list[str], *, keeps_blanks: bool) -> ImportedRow:
    """Return the cells under known headings, without blank ones unless *keeps_blanks*."""
    return {
        heading: cell
        for heading, cell in zip(headings, cells, strict=False)
        if (cell or keeps_blanks) and is_csv_column(heading)
    }


def _json_rows(settings: SandboxSettings, body: bytes) -> Iterator[ImportedRow]:
    """Yield the contacts that lie whole within the service's limit of bytes."""
    rows = orjson.loads(body)["import_data"] if len(body) <= settings.max_bytes else None
    if rows is None:
        rows = _whole_rows(body[: settings.max_bytes])
    for row in rows[: settings.max_lines]:
        yield {key: value for key, value in row.items() if value not in (None, "")}


def _whole_rows(head: bytes) -> list[ImportedRow]:
    """Return the contacts before the cut: try the ends of objects, from the last one back."""
    start = head.find(b'"import_data"')
    start = head.find(b"[", start) if start >= 0 else -1
    end = len(head)
    while start >= 0 and (end := head.rfind(b"}", start, end)) >= 0:
        try:
            rows: list[ImportedRow] = orjson.loads(head[start : end + 1] + b"]")
        except orjson.JSONDecodeError:
            continue
        return rows
    return []
