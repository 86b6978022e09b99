"""HTTP as the sandbox speaks it: requests, error replies, checks of values, faults, a port."""

from ._aiohttp_server import SandboxServer, serve
from ._cursors import Cursors, Paging
from ._error_replies import (
    ErrorReply,
    bad_request,
    conflict,
    forbidden,
    json_reply,
    method_not_allowed,
    not_found,
    payload_too_large,
    queue_full,
    unauthorized,
    unknown_path,
    unsupported_media_type,
)
from ._faults import FAULTS, ConnectionCut, Fault, Faults, HalfBody, reply_of_fault
from ._incoming import AUTHORIZATION_PREFIX, IncomingRequest, is_sign_in, is_site, parse_query
from ._multipart import FormPart, read_form
from ._origin_guard import refuse_foreign_hosts, refuse_foreign_pages
from ._rate_limits import CallsPerSecond, Throttle
from ._received_log import ReceivedLog, ReceivedRequest
from ._validation import (
    ValidationErrors,
    is_address,
    is_birthday,
    read_anniversary,
    read_choice,
    read_flag,
    read_ids,
    read_moment,
    read_sequence_ids,
    read_words,
)

__all__ = [
    "AUTHORIZATION_PREFIX", "FAULTS", "CallsPerSecond", "ConnectionCut", "Cursors", "ErrorReply",
    "Fault", "Faults", "FormPart", "HalfBody", "IncomingRequest", "Paging", "ReceivedLog",
    "ReceivedRequest", "SandboxServer", "Throttle", "ValidationErrors", "bad_request", "conflict",
    "forbidden", "is_address", "is_birthday", "is_sign_in", "is_site", "json_reply",
    "method_not_allowed", "not_found", "parse_query", "payload_too_large", "queue_full",
    "read_anniversary", "read_choice", "read_flag", "read_form", "read_ids", "read_moment",
    "read_sequence_ids", "read_words", "refuse_foreign_hosts", "refuse_foreign_pages", "reply_of_fault", "serve",
    "unauthorized", "unknown_path", "unsupported_media_type",
]  # fmt: skip
