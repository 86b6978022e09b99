"""Rows on disk between reading and sending: memory stays flat, however many rows there are.

While the source is read, every good row is encoded and appended to one file for each format. When
everything is read, all columns are known, and the rows that a later one replaces, and the lists of
each contact; then the bodies are planned, and the rows are written into the chunks of a few bodies
at a time. So no more than a few dozen files are open, however many lists there are.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence, Set
from pathlib import Path

from cc_async.errors import InvalidRequestError
from cc_async.imports._bodies import body_digest, disk_errors
from cc_async.imports._chunk import Chunk, make_file_name
from cc_async.imports._options import SendAs
from cc_async.imports.cutting._body_plan import PER_STEP, Body, plan_bodies
from cc_async.imports.cutting._chunk_writer import ChunkFrame, ChunkWriter
from cc_async.imports.cutting._list_combinations import ListCombinations
from cc_async.imports.cutting._row_file import MAX_NAMED, Block, RowFile, address_row
from cc_async.imports.cutting._row_formats import (
    common_format,
    count_values,
    divide,
    most_common_columns,
)
from cc_async.imports.cutting._spooled_rows import SpooledRows, Weight
from cc_async.sources import Batch, MergedRows, Row
from cc_async.wire import (
    ImportFormat,
    SmsPermission,
    csv_frame,
    is_csv_column,
    json_frame,
    json_row,
)

_OPEN_BODIES = 16
"""Bodies that are written at the same time, each in two files at most. All rows are read once for
each so many bodies; a process may have 256 files open on macOS, and 1,024 on Linux."""


class Spool:
    """Takes rows, and cuts them into chunks with their bodies in *folder*.

    Args:
        job_id: Names the job; the file name of every CSV chunk holds it.
        folder: The folder for everything that is written; for its owner alone.
        send_as: `auto` takes CSV, which needs half the requests, for rows with the same columns,
            and JSON for the others: a blank cell of a CSV may erase a stored value. It takes JSON
            for all rows where that takes fewer requests.
        sms_permission: Goes with rows that have numbers for text messages.

    *columns* are those of the source; set them before rows come. `csv` writes them even where no
    row has a value in them.
    *merged_lines* are the lines of the first merged rows, once all is cut.
    """

    def __init__(
        self,
        job_id: str,
        folder: Path,
        *,
        send_as: SendAs,
        sms_permission: SmsPermission | None = None,
    ) -> None:
        self.columns: Sequence[str] = ()
        self.merged_lines: list[int] = []
        self._values_of_rows: Counter[int] = Counter()
        self._job_id = job_id
        self._send_as = send_as
        self._sms_permission = sms_permission
        self._folder = folder
        self._files: dict[ImportFormat, RowFile] = {}
        self._combinations = ListCombinations()
        self._csv_columns: Set[str] | None = None if send_as == "auto" else frozenset()
        self._rows = 0
        self._chunk_numbers = itertools.count(1)

    @property
    def rows_with_blanks(self) -> int:
        """How many rows have blank cells in a CSV that was asked for."""
        return sum(
            rows for values, rows in self._values_of_rows.items() if values < len(self.columns)
        )

    def add_batch(self, batch: Batch) -> None:
        """Take a batch as columns, if `takes` allows it.

        Raises:
            StoreError: The disk is full.
        """
        self._combinations.add((), has_address=True, rows=len(batch))
        numbers = self._next(len(batch))
        for kind, places, part in self._divided(batch):
            file = self._file(kind)
            with disk_errors():
                file.add_batch([numbers[place] for place in places], part)

    def _divided(self, batch: Batch) -> Iterator[tuple[ImportFormat, Sequence[int], Batch]]:
        """Yield each format with the places of its rows, and these rows."""
        if self._send_as != "auto":
            if self._send_as == "csv":
                self._values_of_rows += count_values(batch)
            yield self._send_as, range(len(batch)), batch
            return
        if self._csv_columns is None:
            self._csv_columns = most_common_columns(
                [item for item in batch.contacts() if isinstance(item, Row)]
            )
        yield from divide(batch, self._csv_columns)

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Take the next rows, for any lists and in any format.

        Raises:
            InvalidRequestError: CSV was asked for, and a row needs JSON.
            StoreError: The disk is full.
        """
        if self._csv_columns is None and rows:
            self._csv_columns = most_common_columns(rows)
        parts: dict[ImportFormat, list[int]] = {}
        for place, row in enumerate(rows):
            parts.setdefault(self._format_of(row), []).append(place)
            self._combinations.add(row.lists, has_address=not _is_number(row.identity))
        numbers = self._next(len(rows))
        for kind, places in parts.items():
            file = self._file(kind)
            some = [rows[place] for place in places]
            with disk_errors():
                file.add_rows([numbers[place] for place in places], some)

    def takes(self, batch: Batch) -> bool:
        """Whether *batch* may be taken as columns: all good, and one set of lists."""
        if not len(batch) or batch.lists is not None or batch.rejections:
            return False
        if "sms_number" in batch.cells and any(map(_is_number, batch.identities)):
            return False
        return self._send_as != "csv" or all(map(is_csv_column, batch.cells))

    def unite(self, before: int, after: int) -> None:
        """Note that row *after* replaces row *before*: its contact goes to the lists of both."""
        self._combinations.unite(before, after)

    def cut(self, merged: MergedRows, list_ids: tuple[str, ...]) -> Iterator[Sequence[Chunk]]:
        """Cut all rows but *merged* ones into chunks, a slice of work at a time.

        Rows that name no lists of their own go to *list_ids*.

        Raises:
            StoreError: The disk is full.
        """
        with disk_errors():
            rows = SpooledRows(list(self._files.values()), merged, self._combinations, list_ids)
            bodies = yield from self._plan(rows)
            for start in range(0, len(bodies), _OPEN_BODIES):
                window = bodies[start : start + _OPEN_BODIES]
                yield from _Distributor(rows, window, self._open).run()
            for file in rows.files:
                self.merged_lines = sorted(self.merged_lines + file.merged_lines)[:MAX_NAMED]
                for _ in file.delete():
                    yield ()

    def close(self) -> None:
        """Let go of the files that are open."""
        for file in self._files.values():
            file.close()

    def _next(self, rows: int) -> range:
        first, self._rows = self._rows, self._rows + rows
        return range(first, self._rows)

    def _file(self, kind: ImportFormat) -> RowFile:
        if kind not in self._files:
            path = self._folder / f"{kind}.rows"
            columns = self.columns
            if kind == "csv" and self._send_as == "auto":
                columns = [column for column in columns if column in (self._csv_columns or ())]
            with disk_errors():
                self._files[kind] = RowFile(path, kind, columns)
        return self._files[kind]

    def _format_of(self, row: Row) -> ImportFormat:
        if self._send_as == "json":
            return "json"
        if self._send_as == "auto":
            return "csv" if row.values.keys() == self._csv_columns else "json"
        beyond = next((column for column in row.values if not is_csv_column(column)), None)
        if beyond is not None:
            raise InvalidRequestError(
                f"line {row.line}: a CSV import cannot carry the column {beyond!r}",
                "Send the contacts as JSON, or let the package choose.",
                "send_as",
            )
        self._values_of_rows[len(row.values)] += 1
        return "csv"

    def _plan(self, rows: SpooledRows) -> Generator[Sequence[Chunk], None, Sequence[Body]]:
        """Return the bodies; rows that all go to the same lists need no plan."""
        if len(rows.combinations) <= 1:
            kind = common_format([(file.load, file.load_as_json) for file in rows.files])
            return [Body(one.lists, (0,), split_as=kind) for one in rows.combinations]
        formats: tuple[ImportFormat, ...] = ("csv", "json")
        formats = formats if self._send_as == "auto" else (self._send_as,)
        weights = [Weight(one) for one in rows.combinations]
        for file in rows.files:
            for block in file.read(rows.merged):
                rows.weigh(file, block, weights)
                yield ()
        combinations = []
        for weight in weights:
            combinations.append(weight.combination(formats))
            if len(combinations) % PER_STEP == 0:
                yield ()
        plan = yield from plan_bodies(combinations, formats)
        return plan.bodies

    def _open(self, body: Body, kind: ImportFormat, columns: tuple[str, ...]) -> ChunkWriter:
        def next_frame() -> ChunkFrame:
            number, permission = next(self._chunk_numbers), self._sms_permission
            if kind == "json":
                return ChunkFrame(number, "", json_frame(body.lists, sms_permission=permission))
            name = make_file_name(self._job_id, number)
            frame = csv_frame(
                columns,
                body.lists,
                file_name=name,
                boundary=body_digest(name.encode()),
                sms_permission=permission,
            )
            return ChunkFrame(number, name, frame)

        return ChunkWriter(
            self._folder, body.lists, kind, is_shared=body.is_shared, next_frame=next_frame
        )


def _is_number(identity: str) -> bool:
    """Whether a contact has no address, only a number for text messages."""
    return identity.startswith("sms:")


class _Distributor:
    """Writes rows into the chunks of some bodies."""

    def __init__(
        self,
        rows: SpooledRows,
        bodies: Sequence[Body],
        open_writer: Callable[[Body, ImportFormat, tuple[str, ...]], ChunkWriter],
    ) -> None:
        self._rows = rows
        self._bodies = bodies
        self._open = open_writer
        self._writers: dict[tuple[int, ImportFormat], ChunkWriter] = {}
        self._complete: dict[int, tuple[int, ...]] = {}
        self._repeated: dict[int, tuple[int, ...]] = {}
        for at, body in enumerate(bodies):
            self._complete |= dict.fromkeys(body.complete, (at,))
            for place in body.repeated:
                self._repeated[place] = (*self._repeated.get(place, ()), at)

    def run(self) -> Iterator[Sequence[Chunk]]:
        """Write complete rows first, then addresses; yield chunks that are full."""
        try:
            for file in self._rows.files:
                for block in file.read(self._rows.merged):
                    yield self._take_complete(file, block)
            if self._repeated:
                for file in self._rows.files:
                    for block in file.read(self._rows.merged):
                        yield self._take_addresses(file, block)
            for writer in self._writers.values():
                yield [writer.finish()]
        finally:
            for writer in self._writers.values():
                writer.close()

    def _take_complete(self, file: RowFile, block: Block) -> list[Chunk]:
        if len(self._rows.combinations) == 1:
            rows = self._in_format(0, file, block.rows)
            return self._writer(0, file).take(block.lines, rows) if rows else []
        done: list[Chunk] = []
        for at, places in self._parts(block, self._complete).items():
            rows = self._in_format(at, file, [block.rows[place] for place in places])
            lines = [block.lines[place] for place in places]
            done += self._writer(at, file).take(lines, rows)
        return done

    def _in_format(self, at: int, file: RowFile, rows: Sequence[bytes]) -> Sequence[bytes]:
        """Return rows of *file* in the format of the body that they go to."""
        if self._bodies[at].split_as in (None, file.send_as):
            return rows
        return [json_row(values) for values in file.values(rows)]

    def _take_addresses(self, file: RowFile, block: Block) -> list[Chunk]:
        parts = self._parts(block, self._repeated)
        if not parts:
            return []
        done: list[Chunk] = []
        every = file.values(block.rows)
        for at, places in parts.items():
            kind = self._bodies[at].split_as or file.send_as
            rows = [address_row(every[place], kind) for place in places]
            lines = [block.lines[place] for place in places]
            done += self._writer(at, file).take(lines, rows, are_repeated=True)
        return done

    def _parts(self, block: Block, routes: Mapping[int, Sequence[int]]) -> dict[int, list[int]]:
        """Return the places in a block of the rows for each body."""
        parts: dict[int, list[int]] = {}
        for place, number in enumerate(block.numbers):
            for at in routes.get(self._rows.place_of(number), ()):
                parts.setdefault(at, []).append(place)
        return parts

    def _writer(self, at: int, file: RowFile) -> ChunkWriter:
        body = self._bodies[at]
        kind = body.split_as or file.send_as
        writer = self._writers.get((at, kind))
        if writer is None:
            columns = file.columns if body.complete else ("email",)
            writer = self._writers[at, kind] = self._open(body, kind, columns)
        return writer
