"""Bulk sign-ups: a request for each person, and an outcome for each."""

from cc_async.sign_ups._dry_run import SignUpDryRun, dry_run_sign_ups
from cc_async.sign_ups._jobs import SignUpJobs
from cc_async.sign_ups._options import SignUpOptions
from cc_async.sign_ups._outcomes import Outcome, OutcomeStatus, SignUpReport
from cc_async.sign_ups._run import SignUpArguments, SignUpOutcomes

__all__ = [
    "Outcome", "OutcomeStatus", "SignUpArguments", "SignUpDryRun", "SignUpJobs",
    "SignUpOptions", "SignUpOutcomes", "SignUpReport", "dry_run_sign_ups",
]  # fmt: skip
