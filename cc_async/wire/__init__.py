"""What travels: requests, replies, pages, errors and import bodies. Pure; nothing waits here.

Client and sandbox stand on the same functions, so a request can be pushed through both.
"""

from cc_async.wire._converter import (
    CONVERTER,
    decode,
    encode,
    make_converter,
    read_time,
    without_read_only,
)
from cc_async.wire._error_bodies import problem_array, problem_object
from cc_async.wire._imports import (
    CSV_COLUMNS,
    MAX_BYTES,
    MAX_CONTACTS,
    BodyFrame,
    ImportFormat,
    SmsPermission,
    csv_frame,
    csv_row,
    is_csv_column,
    json_frame,
    json_row,
)
from cc_async.wire._pages import follow, make_cursor, make_next_link, read_cursor, read_page
from cc_async.wire._replies import Reply, read_error, read_json, read_problems, read_reply
from cc_async.wire._requests import (
    API_PREFIX,
    JSON,
    QueryValue,
    Request,
    make_query,
    make_time,
    path_of,
)

__all__ = [
    "API_PREFIX",
    "CONVERTER",
    "CSV_COLUMNS",
    "JSON",
    "MAX_BYTES",
    "MAX_CONTACTS",
    "BodyFrame",
    "ImportFormat",
    "QueryValue",
    "Reply",
    "Request",
    "SmsPermission",
    "csv_frame",
    "csv_row",
    "decode",
    "encode",
    "follow",
    "is_csv_column",
    "json_frame",
    "json_row",
    "make_converter",
    "make_cursor",
    "make_next_link",
    "make_query",
    "make_time",
    "path_of",
    "problem_array",
    "problem_object",
    "read_cursor",
    "read_error",
    "read_json",
    "read_page",
    "read_problems",
    "read_reply",
    "read_time",
    "without_read_only",
]
