"""The whole way of an import before its first request: read, check, find doubles, encode, cut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from benchmarks._server import FIELDS, LISTS
from cc_async import ConstantContact, ImportOptions
from cc_async.imports import ImportReport
from cc_async.wire import MAX_BYTES, MAX_CONTACTS, Reply, Request

__all__ = ["least_bodies", "prepared"]


class _Directory:
    """A transport that knows one list and no custom field."""

    async def send(self, request: Request, headers: Mapping[str, str]) -> Reply:
        body = LISTS if request.path == "/contact_lists" else FIELDS
        return Reply(200, {"content-type": "application/json"}, body)

    async def aclose(self) -> None:
        """Do nothing: there is nothing to close."""


async def prepared(path: Path, format: Literal["csv", "json"]) -> ImportReport:  # noqa: A002
    """Return the report of an import of *path*; its bodies are written and then deleted."""
    async with ConstantContact(
        "benchmark", account="benchmark", transport=_Directory(), stores="memory:"
    ) as cc:
        options = ImportOptions(send_as=format)
        return (await cc.bulk.dry_run_import(path, lists=["Newsletter"], options=options)).report


def least_bodies(report: ImportReport) -> int:
    """Return how many bodies it takes at the very least to carry as much."""
    size = sum(activity.bytes for activity in report.activities)
    return max(math.ceil(size / MAX_BYTES), math.ceil(report.contacts_sent / MAX_CONTACTS))
