"""A sandbox inside the process, so that every command can be tried without an account."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import attrs

from cc_async.settings import Settings

TOKEN = "sandbox-token"  # noqa: S105 - it opens nothing
PACE = 100
"""Requests a second; trying things out should not take as long as the service would."""

_PEEK = 65_536
_LABEL = re.compile(r"""(?:^|[\s"',;\t\ufeff])cf:([^"',;\t\r\n]+)""", re.IGNORECASE)


@asynccontextmanager
async def local_sandbox(
    settings: Settings, lists: Sequence[str], fields: Sequence[str]
) -> AsyncIterator[Settings]:
    """Serve a sandbox to this process alone; yields *settings* that lead to it.

    Its budget, sign-ins and journals live in memory and are gone with it.
    """
    from cc_async.sandbox import Sandbox, SandboxSettings  # most commands need none

    sandbox = Sandbox(
        SandboxSettings(
            token=TOKEN,
            lists=tuple(dict.fromkeys(lists)) or ("Newsletter",),
            custom_fields=tuple(dict.fromkeys(fields)),
            activity_seconds=0.5,
            per_second=PACE,
            per_day=1_000_000,
            consent="allowed",
            device_interval=1.0,
        )
    )
    async with sandbox.serve() as server:
        yield attrs.evolve(
            settings,
            base_url=server.url,
            auth_url=server.authorization_url,
            access_token=TOKEN,
            client_id=sandbox.settings.client_id,
            client_secret=None,
            store="memory:",
            budget_store=None,
            token_store=None,
            journal_store=None,
            per_second=PACE,
            per_day=1_000_000,
        )


def field_labels(file: str, mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Return the custom fields that *file* and *mapping* name, for the sandbox to have them.

    Only a file that can be read twice is looked into, and only its beginning.
    """
    named = [column[3:] for column in mapping.values() if column[:3].lower() == "cf:"]
    path = Path(file)
    if path.is_file():
        with path.open("rb") as opened:
            named += labels_in(opened.read(_PEEK).decode("utf-8", "replace"))
    return tuple(_distinct(named))


def labels_in(text: str) -> list[str]:
    """Return the names behind `cf:` in a CSV's heading, or in the keys of JSON."""
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
    head = text if is_json else text.lstrip("\ufeff\r\n").partition("\n")[0]
    return [label.strip() for label in _LABEL.findall(head)]


def _distinct(labels: Iterable[str]) -> Iterable[str]:
    """Yield each label once; letter case does not make two."""
    return {label.lower(): label for label in labels if label}.values()
