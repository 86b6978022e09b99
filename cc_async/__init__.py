"""Constant Contact, asynchronously: contacts in bulk, with an account of every one.

::

    from cc_async import ConstantContact

    async with ConstantContact("ACCESS-TOKEN") as cc:
        report = await cc.bulk.import_contacts("contacts.csv", lists=["Newsletter"])
        print(report.contacts_sent, report.person_count)
"""

import sys

if sys.platform == "win32":  # there os.kill(pid, 0) ends a process, and files have no owner
    raise ImportError("cc_async runs on Linux and macOS; on Windows use it inside WSL")

from cc_async.client import Bulk, ConstantContact, ImportDryRun, Limits, Network, Stores
from cc_async.errors import ConstantContactError
from cc_async.imports import (
    ActivityProblem,
    ActivityReport,
    ImportOptions,
    ImportProgress,
    ImportReport,
    Job,
    NamedContact,
    Preparation,
    Verification,
)
from cc_async.jobs import JobEntry
from cc_async.limits import BudgetStatistics, Plan, Plans
from cc_async.lookups import OptOut, Preferences, SuppressionKind
from cc_async.models import (
    Activity,
    ActivityStatus,
    Contact,
    ContactCustomField,
    ContactList,
    CustomField,
    EmailAddress,
    ImportRow,
    PhoneNumber,
    SignUp,
    SignUpResult,
    StreetAddress,
    Tag,
)
from cc_async.retries import RetryPolicy
from cc_async.settings import Settings
from cc_async.sign_ups import (
    Outcome,
    OutcomeStatus,
    SignUpDryRun,
    SignUpOptions,
    SignUpOutcomes,
    SignUpReport,
)
from cc_async.sources import ReadingOptions, Rejection

__all__ = [
    "Activity", "ActivityProblem", "ActivityReport", "ActivityStatus", "BudgetStatistics", "Bulk",
    "ConstantContact", "ConstantContactError", "Contact", "ContactCustomField", "ContactList", "CustomField",
    "EmailAddress", "ImportDryRun", "ImportOptions", "ImportProgress", "ImportReport", "ImportRow",
    "Job", "JobEntry", "Limits", "NamedContact", "Network", "OptOut", "Outcome", "OutcomeStatus",
    "PhoneNumber", "Plan", "Plans", "Preferences", "Preparation", "ReadingOptions", "Rejection",
    "RetryPolicy", "Settings", "SignUp", "SignUpDryRun", "SignUpOptions", "SignUpOutcomes",
    "SignUpReport", "SignUpResult", "Stores", "StreetAddress", "SuppressionKind", "Tag",
    "Verification",
]  # fmt: skip
