"""Work that survives a crash: imports, planned, journaled, sent and accounted for; and sign-ups."""

from cc_async.jobs._absent import NotArrived
from cc_async.jobs._bodies import Bodies, open_bodies
from cc_async.jobs._book import JobBook, JobEntry
from cc_async.jobs._imports import ImportJobs, ImportOptions
from cc_async.jobs._job import Job
from cc_async.jobs._journal import Journal, replay
from cc_async.jobs._members import requests_to_read_back
from cc_async.jobs._plan import JobPlan, Origin, job_key, read_origin
from cc_async.jobs._prepare import prepare
from cc_async.jobs._report import (
    ActivityReport,
    ImportProgress,
    ImportReport,
    JobState,
    LeftLists,
    Preparation,
    Verification,
)
from cc_async.jobs._sign_up_journal import SignUpJournal, SignUpPlan
from cc_async.jobs._sign_ups import SignUpJobs, SignUpOptions
from cc_async.jobs._spool import Spool
from cc_async.jobs._store import JobStore

__all__ = [
    "ActivityReport",
    "Bodies",
    "ImportJobs",
    "ImportOptions",
    "ImportProgress",
    "ImportReport",
    "Job",
    "JobBook",
    "JobEntry",
    "JobPlan",
    "JobState",
    "JobStore",
    "Journal",
    "LeftLists",
    "NotArrived",
    "Origin",
    "Preparation",
    "SignUpJobs",
    "SignUpJournal",
    "SignUpOptions",
    "SignUpPlan",
    "Spool",
    "Verification",
    "job_key",
    "open_bodies",
    "prepare",
    "read_origin",
    "replay",
    "requests_to_read_back",
]
