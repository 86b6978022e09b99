"""The journal of a bulk sign-up: its plan, then the outcomes, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio.lowlevel
import attrs
import orjson

from cc_async.errors import JobNotFoundError
from cc_async.jobs import SourceFile, journal_log
from cc_async.lookups import SuppressionKind
from cc_async.sign_ups._outcome_log import OutcomeBatch, WrittenOutcome
from cc_async.sources import ReadingOptions
from cc_async.stores import FORMAT, Store, require_format, require_shape
from cc_async.wire import CONVERTER

_VERSION = 2
"""Format of the journal, carried by its first entry: every outcome, by its place in the file."""

_OUTCOMES_AT_ONCE = 300
"""Outcomes that are read before other tasks get their turn: about 1 ms."""

_PLAN, _OUTCOMES = "sign-up", "outcomes"
"""Names of the two kinds of entries, under the key `entry`."""

_START_AGAIN = (
    "Delete the job and sign up the whole file again: people who are signed up already are only "
    "updated."
)


@attrs.frozen
class SignUpPlan:
    """A bulk sign-up of a file, as it was asked for.

    *consent* was confirmed for all people of the file at *created_at*, in seconds since the
    epoch. *key* is the same for the same sign-up of the same file.
    """

    job_id: str
    created_at: float
    name: str
    file: SourceFile
    consent: str
    lists: tuple[str, ...]
    protect: tuple[SuppressionKind, ...]
    reading: ReadingOptions
    key: str = ""


@attrs.frozen(eq=False, repr=False)
class SignUpJournal:
    """The log of one bulk sign-up in *store*."""

    store: Store
    job_id: str

    async def start(self, plan: SignUpPlan, suppressed: Sequence[WrittenOutcome]) -> None:
        """Write the plan down, and the suppressed people; from now on the job exists."""
        entries = [{FORMAT: _VERSION, **_entry(_PLAN, plan)}]
        if suppressed:
            entries.append(_entry(_OUTCOMES, OutcomeBatch(tuple(suppressed))))
        await self.store.append(self._log, [orjson.dumps(entry) for entry in entries])

    async def append(self, batch: OutcomeBatch) -> None:
        """Write a batch down. It is durable on return."""
        await self.store.append(self._log, [orjson.dumps(_entry(_OUTCOMES, batch))])

    async def read(self) -> tuple[SignUpPlan, list[OutcomeBatch]]:
        """Return the plan and every batch.

        Raises:
            JobNotFoundError: There is no such job.
            StoredFormatError: Another version of the package wrote the journal.
            StoreCorruptError: The journal is damaged.
        """
        entries = await self.store.read(self._log)
        if not entries:
            raise JobNotFoundError(
                f"there is no job {self.job_id}", "List the jobs to see their ids."
            )
        with require_shape(what=f"the journal of job {self.job_id}", remedy=_START_AGAIN):
            return await self._parse(entries)

    async def _parse(self, entries: Sequence[bytes]) -> tuple[SignUpPlan, list[OutcomeBatch]]:
        first = orjson.loads(entries[0])
        require_format(
            first, _VERSION, what=f"the journal of job {self.job_id}", remedy=_START_AGAIN
        )
        plan = CONVERTER.structure(_fields(first, _PLAN), SignUpPlan)
        batches: list[OutcomeBatch] = []
        count = 0
        for entry in entries[1:]:
            fields = _fields(orjson.loads(entry), _OUTCOMES)
            batches.append(CONVERTER.structure(fields, OutcomeBatch))
            count += 1 + len(batches[-1].outcomes)
            if count >= _OUTCOMES_AT_ONCE:
                count = 0
                await anyio.lowlevel.checkpoint()
        return plan, batches

    async def read_batches(self) -> list[OutcomeBatch] | None:
        """Return every batch, or `None` if the job has not started."""
        if not await self.store.read(self._log):
            return None
        return (await self.read())[1]

    async def drop(self) -> None:
        """Delete the journal."""
        await self.store.drop(self._log)

    @property
    def _log(self) -> str:
        return journal_log(self.job_id)


def _entry(name: str, content: SignUpPlan | OutcomeBatch) -> dict[str, Any]:
    return {"entry": name, **CONVERTER.unstructure(content)}


def _fields(entry: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the fields of an *entry* that must have this *name*."""
    if entry["entry"] != name:
        raise ValueError(entry["entry"])
    return {key: value for key, value in entry.items() if key not in (FORMAT, "entry")}
