"""Bulk sign-ups: a request for each person, and an outcome for each."""

from ._dry_run import SignUpDryRun, dry_run_sign_ups
from ._jobs import SignUpJobs
from ._options import SignUpOptions
from ._outcomes import Outcome, OutcomeStatus, SignUpReport
from ._run import SignUpArguments, SignUpOutcomes
from ._single_sign_up import ContactsWithSignUp

__all__ = [
    "ContactsWithSignUp", "Outcome", "OutcomeStatus", "SignUpArguments", "SignUpDryRun",
    "SignUpJobs", "SignUpOptions", "SignUpOutcomes", "SignUpReport", "dry_run_sign_ups",
]  # fmt: skip
