"""Constant Contact, asynchronously: contacts in bulk, with an account of every one.

::

    from cc_async import ConstantContact

    async with ConstantContact("ACCESS-TOKEN") as cc:
        report = await cc.bulk.import_contacts("contacts.csv", lists=["Newsletter"])
        print(report.contacts_sent, report.person_count)
"""

from cc_async.client import Bulk, ConstantContact, ImportDryRun, Limits, Network, Stores
from cc_async.errors import ConstantContactError
from cc_async.imports import (
    ActivityReport,
    ImportOptions,
    ImportProgress,
    ImportReport,
    Job,
    NotArrived,
    Verification,
)
from cc_async.limits import Plan, Plans
from cc_async.lookups import Preferences
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
from cc_async.sign_ups import Outcome, SignUpDryRun, SignUpOptions, SignUpOutcomes, SignUpReport
from cc_async.sources import ReadingOptions

__all__ = [
    "Activity",
    "ActivityReport",
    "ActivityStatus",
    "Bulk",
    "ConstantContact",
    "ConstantContactError",
    "Contact",
    "ContactCustomField",
    "ContactList",
    "CustomField",
    "EmailAddress",
    "ImportDryRun",
    "ImportOptions",
    "ImportProgress",
    "ImportReport",
    "ImportRow",
    "Job",
    "Limits",
    "Network",
    "NotArrived",
    "Outcome",
    "PhoneNumber",
    "Plan",
    "Plans",
    "Preferences",
    "ReadingOptions",
    "RetryPolicy",
    "Settings",
    "SignUp",
    "SignUpDryRun",
    "SignUpOptions",
    "SignUpOutcomes",
    "SignUpReport",
    "SignUpResult",
    "Stores",
    "StreetAddress",
    "Tag",
    "Verification",
]
