"""The journal of a bulk sign-up: its plan, then who has an outcome, batch by batch."""

from __future__ import annotations

import attrs
import orjson

from cc_async.errors import JobNotFoundError, StoreCorruptError
from cc_async.jobs import Origin, journal_log
from cc_async.lookups import SuppressionKind
from cc_async.sign_ups._outcome_log import SignUpBatch
from cc_async.stores import Store
from cc_async.wire import CONVERTER


@attrs.frozen
class SignUpPlan:
    """A bulk sign-up of a file, as it was asked for.

    *consent* is the word that was given for everybody in the file, at *created_at*, in seconds
    since the epoch. *key* is the same for the same sign-up of the same file.
    """

    job_id: str
    created_at: float
    name: str
    origin: Origin
    consent: str
    lists: tuple[str, ...]
    protect: tuple[SuppressionKind, ...] = ()
    encoding: str | None = None
    mapping: dict[str, str] = attrs.field(factory=dict)
    key: str = ""


@attrs.frozen(eq=False, repr=False)
class SignUpJournal:
    """The log of one bulk sign-up in *store*."""

    store: Store
    job_id: str

    async def begin(self, plan: SignUpPlan) -> None:
        """Write the plan down; the job exists from here on."""
        await self._append(plan)

    async def append(self, batch: SignUpBatch) -> None:
        """Write a batch down. It is durable when this returns."""
        await self._append(batch)

    async def read(self) -> tuple[SignUpPlan, list[SignUpBatch]]:
        """Return the plan and every batch.

        Raises:
            JobNotFoundError: There is no such job.
            StoreCorruptError: The journal is damaged.
        """
        entries = await self.store.read(self._log)
        if not entries:
            raise JobNotFoundError(
                f"there is no job {self.job_id}", "`cc-async jobs` shows which there are."
            )
        try:
            plan, *batches = (orjson.loads(entry) for entry in entries)
            return (
                CONVERTER.structure(plan, SignUpPlan),
                [CONVERTER.structure(batch, SignUpBatch) for batch in batches],
            )
        except Exception as error:  # noqa: BLE001 - cattrs raises whatever a value provokes
            raise StoreCorruptError(
                f"the journal of job {self.job_id} is damaged ({type(error).__name__})",
                "Delete the job and sign everybody in the file up again: those who have been "
                "signed up are only updated.",
            ) from None

    async def read_batches(self) -> list[SignUpBatch] | None:
        """Return every batch, or `None` where the job has not begun."""
        if not await self.store.read(self._log):
            return None
        return (await self.read())[1]

    async def drop(self) -> None:
        """Forget the job."""
        await self.store.drop(self._log)

    async def _append(self, said: SignUpPlan | SignUpBatch) -> None:
        await self.store.append(self._log, [orjson.dumps(CONVERTER.unstructure(said))])

    @property
    def _log(self) -> str:
        return journal_log(self.job_id)
