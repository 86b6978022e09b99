"""What imports and bulk sign-ups share: the list of jobs, leases, source files."""

from cc_async.jobs._errors import single_error
from cc_async.jobs._job_store import JobStore, journal_log
from cc_async.jobs._lease import Lease
from cc_async.jobs._processes import is_gone, new_owner, register
from cc_async.jobs._registry import JobBook, JobEntry
from cc_async.jobs._source_file import Origin, job_key, read_origin

__all__ = [
    "JobBook",
    "JobEntry",
    "JobStore",
    "Lease",
    "Origin",
    "is_gone",
    "job_key",
    "journal_log",
    "new_owner",
    "read_origin",
    "register",
    "single_error",
]
