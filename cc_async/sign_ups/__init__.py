"""Bulk sign-ups: a request for each person, an outcome for each."""

from cc_async.sign_ups._attempts import Tries
from cc_async.sign_ups._dry_run import SignUpRehearsal, rehearse_sign_ups
from cc_async.sign_ups._jobs import SignUpJobs, SignUpOptions
from cc_async.sign_ups._journal import SignUpJournal, SignUpPlan
from cc_async.sign_ups._outcome_log import Ledger, SignUpBatch
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus, SignUpReport
from cc_async.sign_ups._pool import Halt, open_pool
from cc_async.sign_ups._run import SignUpOutcomes, open_sign_ups

__all__ = [
    "Halt",
    "Ledger",
    "Outcome",
    "OutcomeStatus",
    "SignUpBatch",
    "SignUpJobs",
    "SignUpJournal",
    "SignUpOptions",
    "SignUpOutcomes",
    "SignUpPlan",
    "SignUpRehearsal",
    "SignUpReport",
    "Tries",
    "open_pool",
    "open_sign_ups",
    "rehearse_sign_ups",
]
