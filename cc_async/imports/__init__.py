"""Imports: contacts are read, cut into chunks, sent, watched and accounted for."""

from ._job import Job
from ._jobs import ImportJobs
from ._options import ImportOptions
from ._report import (
    ActivityProblem,
    ActivityReport,
    ImportProgress,
    ImportReport,
    Preparation,
    Verification,
)
from .verification import NamedContact, requests_to_read_back

__all__ = [
    "ActivityProblem", "ActivityReport", "ImportJobs", "ImportOptions", "ImportProgress", "ImportReport", "Job",
    "NamedContact", "Preparation", "Verification", "requests_to_read_back",
]  # fmt: skip
