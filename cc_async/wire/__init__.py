"""Requests, replies, pages, errors and import bodies of the API, as pure functions.

Client and sandbox use the same functions, so a test can send a request through both.
"""

from ._converter import (
    CONVERTER,
    decode,
    encode,
    read_time,
    read_time_or_none,
    without_read_only,
)
from ._import_bodies import read_csv_rows, read_import_rows
from ._imports import (
    MAX_BYTES,
    MAX_CONTACTS,
    MAX_LISTS,
    BodyFrame,
    ImportFormat,
    SmsPermission,
    csv_frame,
    csv_row,
    csv_rows,
    is_csv_column,
    json_frame,
    json_row,
    json_rows,
)
from ._oauth import (
    DEVICE_GRANT,
    FORM,
    DeviceCode,
    RefusalKind,
    TokenRefusal,
    TokenReply,
    authorize_url,
    basic,
    code_challenge,
    code_request,
    device_request,
    is_token,
    poll_request,
    read_device_reply,
    read_token_error,
    read_token_reply,
    refresh_request,
)
from ._pages import follow, make_cursor, make_next_link, read_cursor, read_page
from ._replies import (
    Reply,
    problem_array,
    problem_object,
    read_error,
    read_items,
    read_json,
    read_reply,
)
from ._requests import API_PREFIX, JSON, Request, Sink, make_query, path_of
from ._secret import Secret, SecretBytes

__all__ = [
    "API_PREFIX", "CONVERTER", "DEVICE_GRANT", "FORM", "JSON", "MAX_BYTES", "MAX_CONTACTS", "MAX_LISTS",
    "BodyFrame", "DeviceCode", "ImportFormat", "RefusalKind", "Reply", "Request", "Secret",
    "SecretBytes", "Sink", "SmsPermission", "TokenRefusal", "TokenReply", "authorize_url", "basic",
    "code_challenge", "code_request", "csv_frame", "csv_row", "csv_rows", "decode",
    "device_request", "encode", "follow", "is_csv_column", "is_token", "json_frame", "json_row", "json_rows",
    "make_cursor", "make_next_link", "make_query", "path_of", "poll_request", "problem_array",
    "problem_object", "read_csv_rows", "read_cursor", "read_device_reply", "read_error", "read_import_rows",
    "read_items", "read_json", "read_page", "read_reply", "read_time", "read_time_or_none",
    "read_token_error", "read_token_reply", "refresh_request", "without_read_only",
]  # fmt: skip
