"""What a job is: settled before its first request, and never changed."""

from __future__ import annotations

import attrs

from cc_async.imports._chunk_progress import Chunk
from cc_async.imports._report import Preparation
from cc_async.jobs import SourceFile


@attrs.frozen
class JobPlan:
    """An import as it was planned.

    *key* is the same for the same import of the same file, so that running it again goes on
    with it. *created_at* is in seconds since the epoch. *verify* is whether it is to be found
    out who arrived: always, never, or where the counts disagree; who did not is written to the
    file *missing*, and rejected rows were written to the file *rejects*.
    """

    job_id: str
    created_at: float
    name: str
    counted: Preparation
    chunks: tuple[Chunk, ...]
    key: str = ""
    source: SourceFile | None = None
    verify: bool | None = None
    missing: str = ""
    rejects: str = ""
