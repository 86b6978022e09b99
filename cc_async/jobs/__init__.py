"""Imports: read, cut, sent, watched to their end, and accounted for."""

from cc_async.jobs._job import ImportProgress, Job
from cc_async.jobs._prepare import prepare
from cc_async.jobs._report import ActivityReport, ImportReport, JobState, Preparation
from cc_async.jobs._spool import Spool

__all__ = [
    "ActivityReport",
    "ImportProgress",
    "ImportReport",
    "Job",
    "JobState",
    "Preparation",
    "Spool",
    "prepare",
]
