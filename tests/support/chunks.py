"""Chunks of an import in any state, as tests of its rules need them."""

from __future__ import annotations

import attrs

from cc_async.imports._chunk import Chunk, ChunkProgress, ChunkState


def make_chunk(number: int = 1, *, kind: str = "csv", contacts: int = 10) -> Chunk:
    return Chunk(
        number=number,
        send_as=kind,  # type: ignore[arg-type]
        url_path="/activities/contacts_file_import",
        content_type="text/plain",
        list_ids=("l",),
        file_name=f"job-{number}.csv" if kind == "csv" else "",
        contacts=contacts,
        size=100,
        first_line=2,
        last_line=11,
        digest="",
    )


def make_progress(state: ChunkState, number: int = 1, **values: object) -> ChunkProgress:
    kind = str(values.pop("kind", "csv"))
    return attrs.evolve(ChunkProgress(make_chunk(number, kind=kind)), state=state, **values)  # type: ignore[arg-type]
