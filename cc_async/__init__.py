"""Constant Contact, asynchronously: contacts in bulk, with an account of every one.

::

    from cc_async import ConstantContact

    async with ConstantContact("ACCESS-TOKEN") as cc:
        report = await cc.bulk.import_contacts("contacts.csv", lists=["Newsletter"])
        print(report.contacts_sent, report.person_count)
"""

import sys
from importlib import import_module

TYPE_CHECKING = False  # checkers take it for that of `typing`, which takes a while to load

if sys.platform == "win32":  # there os.kill(pid, 0) ends a process, and files have no owner
    raise ImportError("cc_async runs on Linux and macOS; on Windows use it inside WSL")

if TYPE_CHECKING:
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

_ROOMS = (
    "errors", "models", "settings", "stores", "retries", "limits", "auth", "sources", "lookups",
    "jobs", "sign_ups", "imports", "client",
)  # fmt: skip
"""The modules that hold these names, from the ground up, so that little is loaded for a name."""

if not TYPE_CHECKING:  # or checkers would take any name for one of these

    def __getattr__(name: str) -> object:
        """Load a name at its first use: the command answers ctrl-C before it loads the rest."""
        if name in _ROOMS:
            return import_module(f"cc_async.{name}")
        if name in __all__:
            rooms = (import_module(f"cc_async.{room}") for room in _ROOMS)
            globals()[name] = value = next(getattr(it, name) for it in rooms if hasattr(it, name))
            return value
        raise AttributeError(f"module 'cc_async' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__
