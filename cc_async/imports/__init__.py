"""Imports: contacts are read, cut into chunks, sent, watched and accounted for."""

from cc_async.imports._job import Job
from cc_async.imports._jobs import ImportJobs
from cc_async.imports._options import ImportOptions
from cc_async.imports._report import (
    ActivityReport,
    ImportProgress,
    ImportReport,
    Preparation,
    Verification,
)
from cc_async.imports.verification import NotArrived, requests_to_read_back

__all__ = [
    "ActivityReport",
    "ImportJobs",
    "ImportOptions",
    "ImportProgress",
    "ImportReport",
    "Job",
    "NotArrived",
    "Preparation",
    "Verification",
    "requests_to_read_back",
]
