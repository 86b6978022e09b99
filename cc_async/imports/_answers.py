"""What the answer to a body tells, and what a missing one does."""

from __future__ import annotations

from collections.abc import Iterable

from cc_async.errors import (
    ConnectionFailedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.imports._chunk_progress import Progressing

_ANSWER_LOST = (ServerError, TransportError, UnexpectedResponseError)


def is_answer_lost(error: BaseException) -> bool:
    """Whether a request failed so that it may have been carried out."""
    return isinstance(error, _ANSWER_LOST) and not isinstance(error, ConnectionFailedError)


def is_queue_full(error: BaseException) -> bool:
    """Whether the account has too many activities waiting."""
    return isinstance(error, RateLimitError) and error.kind == "queue_full"


def repeats_names(entries: Iterable[Progressing]) -> bool | None:
    """Whether this account's replies repeat file names; `None` if none has come yet."""
    said = [
        entry.activity.source_file_name == entry.chunk.file_name
        for entry in entries
        if entry.activity is not None and entry.chunk.format == "csv"
    ]
    return all(said) if said else None
