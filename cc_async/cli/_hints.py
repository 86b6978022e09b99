"""The one table from errors to the words to type.

Errors name a remedy in words that hold for the library too. For the command, the flag or the
command to type follows. An error with an `option` is looked up by that; any other by its type.
"""

from __future__ import annotations

import shlex

from cc_async.errors import (
    ApiError,
    BadRequestError,
    ClientStateError,
    ConsentRequiredError,
    ConstantContactError,
    InputChangedError,
    InvalidRequestError,
    JobCancelledError,
    JobNotFoundError,
    NotFoundError,
    UnknownAccountError,
    UnknownNameError,
)

_FOR_OPTIONS = {
    "concurrency": "Use --concurrency N.",
    "consent": "Add --consent explicit if they did; otherwise use `cc-async import`.",
    "encoding": "Use --encoding NAME.",
    "lists": "Use --list NAME; `cc-async lists` shows the names.",
    "mapping": "Use --map {named} to name its column, or --map {left_out} to leave it out.",
    "outcomes": "Use --outcomes PATH.",
    "protect": "Use --protect unsubscribed or --protect deleted.",
    "max_email": "Use --max-email 80.",
    "max_phone": "Use --max-phone 50.",
    "missing": "Use --missing PATH.",
    "read_as": "Use --read-as csv or --read-as json.",
    "redirect_uri": "Use --redirect-uri URL.",
    "rejects": "Use --rejects PATH.",
    "report": "Use --report PATH.",
    "send_as": "Use --send-as json, or leave --send-as out.",
    "sms_permission": "Use --sms-permission explicit or --sms-permission not_set, or leave the "
    "column out with --map.",
    "suppress": "Use --suppress FILE.",
}
"""The words to type for each option that an error can name."""

_FOR_ERRORS: dict[type[ConstantContactError], str] = {
    BadRequestError: "The same request would be refused again.",
    ClientStateError: "This should not happen; please report it.",
    ConsentRequiredError: _FOR_OPTIONS["consent"],
    InputChangedError: "`cc-async jobs cancel {job_id}` gives it up; `cc-async resume {job_id}` "
    "finishes an import.",
    JobCancelledError: "`cc-async jobs show {job_id}` shows how much was sent.",
    JobNotFoundError: "`cc-async jobs` lists them.",
    NotFoundError: "Check the id and the base URL; activities are kept for ten days.",
    UnknownAccountError: "Use --account NAME.",
    UnknownNameError: "`cc-async lists` shows the lists; `cc-async import --create-lists` creates "
    "missing ones.",
}
"""The remedy for each kind of error without an option."""


def hint_for(error: ConstantContactError) -> str:
    """Return the remedy for *error*: its own hint, then the words to type."""
    hints = [error.hint, _words_to_type(error)]
    if isinstance(error, ApiError) and error.request_id:
        hints.append(f"Constant Contact's support can look up the request id {error.request_id}.")
    return " ".join(filter(None, hints))


def _words_to_type(error: ConstantContactError) -> str:
    option = error.option if isinstance(error, InvalidRequestError) else ""
    known = (_FOR_ERRORS[kind] for kind in type(error).__mro__ if kind in _FOR_ERRORS)
    text = _FOR_OPTIONS.get(option) or next(known, "")
    heading = getattr(error, "column", "") or "HEADING"
    return text.format(
        named=shlex.quote(f"{heading}=COLUMN"),
        left_out=shlex.quote(f"{heading}="),
        job_id=getattr(error, "job_id", ""),
    )
