"""Imports: contacts into request bodies, sent, watched and accounted for."""

from cc_async.imports._bodies import Bodies, open_bodies
from cc_async.imports._chunker import Chunker
from cc_async.imports._job import Job
from cc_async.imports._jobs import ImportJobs
from cc_async.imports._journal import Journal, replay
from cc_async.imports._options import ImportOptions
from cc_async.imports._plan import JobPlan
from cc_async.imports._planner import prepare
from cc_async.imports._polling import wait_before_look
from cc_async.imports._report import (
    ActivityReport,
    ImportProgress,
    ImportReport,
    JobState,
    Preparation,
    Verification,
)
from cc_async.imports._spool import Spool
from cc_async.imports.verification import NotArrived, requests_to_read_back

__all__ = [
    "ActivityReport",
    "Bodies",
    "Chunker",
    "ImportJobs",
    "ImportOptions",
    "ImportProgress",
    "ImportReport",
    "Job",
    "JobPlan",
    "JobState",
    "Journal",
    "NotArrived",
    "Preparation",
    "Spool",
    "Verification",
    "open_bodies",
    "prepare",
    "replay",
    "requests_to_read_back",
    "wait_before_look",
]
