"""Jobs: shared by imports and bulk sign-ups are the list of jobs, leases and source files."""

from ._guarded_transport import GuardedTransport
from ._job_kind import JobKind
from ._job_store import JobStore, journal_log
from ._lease import OTHER_VERSION, Lease
from ._outage import Outage, wait_out
from ._processes import bind_owner, new_owner, process_is_dead
from ._registry import JobEntry, JobKindName, JobRegistry
from ._single_error import single_error
from ._source_file import SourceFile, job_key, read_source_file
from ._store_clock import StoreClock

__all__ = [
    "OTHER_VERSION", "GuardedTransport", "JobEntry", "JobKind", "JobKindName", "JobRegistry", "JobStore",
    "Lease", "Outage", "SourceFile", "StoreClock", "bind_owner", "job_key", "journal_log", "new_owner",
    "process_is_dead", "read_source_file", "single_error", "wait_out",
]  # fmt: skip
