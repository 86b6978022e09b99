"""How contacts are signed up, as one value: the client and the command fill the same."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import attrs

from cc_async.lookups import SUPPRESSION_KINDS, SuppressionKind
from cc_async.sources import ReadingOptions


def _path(place: str | os.PathLike[str] | None) -> Path | None:
    return None if place is None else Path(place)


@attrs.frozen
class SignUpOptions:
    """How contacts are read, suppressed and signed up.

    ::

        options = SignUpOptions(reading=ReadingOptions(encoding="cp1252"), rejects="rejected.csv")

    Args:
        reading: How the source is understood.
        protect: Opt-outs to leave out: people who unsubscribed, and people who were deleted. A
            person with a `consented_at` later than the opt-out is signed up all the same.
        rejects: Where to write rejected rows, as CSV to be corrected.
        outcomes: Where to write the outcome of each person, as JSON lines, when the sign-up ends or
            stops. Outcomes of earlier runs of a job are there too, without addresses.
    """

    reading: ReadingOptions = ReadingOptions()
    protect: Collection[SuppressionKind] = SUPPRESSION_KINDS
    rejects: Path | None = attrs.field(default=None, converter=_path)
    outcomes: Path | None = attrs.field(default=None, converter=_path)
