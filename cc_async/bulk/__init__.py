"""Many contacts at once: the worker pool, the chunker, outcomes, the watcher."""

from cc_async.bulk._chunker import Chunker
from cc_async.bulk._directory import Directory, ListMaker, read_directory
from cc_async.bulk._groups import single_error
from cc_async.bulk._ledger import Ledger, SignUpBatch
from cc_async.bulk._outcomes import Outcome, OutcomeStatus, SignUpReport
from cc_async.bulk._people import count_people
from cc_async.bulk._pool import Halt, open_pool
from cc_async.bulk._protection import (
    PROTECTED_KINDS,
    LeftOutKind,
    OptOut,
    Preferences,
    ProtectedKind,
    Protection,
    check_left_out,
    check_protected,
    open_protection,
    read_preferences,
)
from cc_async.bulk._rehearsal import SignUpRehearsal, rehearse_sign_ups
from cc_async.bulk._rejects import keeping_rejects
from cc_async.bulk._sign_ups import SignUpOutcomes, open_sign_ups
from cc_async.bulk._tries import Tries
from cc_async.bulk._watcher import wait_before_look

__all__ = [
    "PROTECTED_KINDS",
    "Chunker",
    "Directory",
    "Halt",
    "Ledger",
    "LeftOutKind",
    "ListMaker",
    "OptOut",
    "Outcome",
    "OutcomeStatus",
    "Preferences",
    "ProtectedKind",
    "Protection",
    "SignUpBatch",
    "SignUpOutcomes",
    "SignUpRehearsal",
    "SignUpReport",
    "Tries",
    "check_left_out",
    "check_protected",
    "count_people",
    "keeping_rejects",
    "open_pool",
    "open_protection",
    "open_sign_ups",
    "read_directory",
    "read_preferences",
    "rehearse_sign_ups",
    "single_error",
    "wait_before_look",
]
