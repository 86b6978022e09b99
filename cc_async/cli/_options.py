"""The options that commands share, and how their words are understood."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from cc_async.errors import ConsentRequiredError, InvalidRequestError
from cc_async.lookups import SUPPRESSION_KINDS, SuppressionKind

_ACCOUNT = Group("Account and output", sort_key=10)

ContactFile: TypeAlias = Annotated[
    str,
    Parameter(
        name="FILE",
        help="CSV or JSON lines with a contact a row; - reads standard input.",
        allow_leading_hyphen=True,
    ),
]
ListNames: TypeAlias = Annotated[
    list[str],
    Parameter(
        name="--list",
        metavar="NAME",
        help="A list to put contacts on, by exact name or id; say it once for each list.",
        negative="",
    ),
]
Columns: TypeAlias = Annotated[
    list[str] | None,
    Parameter(
        name="--map",
        metavar="HEADER=COLUMN",
        help="What a heading of your own means. HEADER= leaves a column out.",
        negative="",
    ),
]
Encoding: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--encoding",
        metavar="NAME",
        help="How the file is encoded, such as cp1252 [default: UTF-8]",
    ),
]
Rejects: TypeAlias = Annotated[
    Path | None,
    Parameter(
        name="--rejects",
        help="Write rejected rows to this CSV file, with the reasons, to be corrected.",
    ),
]
DryRun: TypeAlias = Annotated[
    bool,
    Parameter(
        name="--dry-run",
        help="Read and check everything and tell what would be sent; send nothing.",
        negative="",
        show_default=False,
    ),
]
Protect: TypeAlias = Annotated[
    list[Literal["unsubscribed", "deleted", "none"]] | None,
    Parameter(
        name="--protect",
        help="Whom to leave alone; say it once for each kind [default: unsubscribed, deleted]",
        negative="",
    ),
]

LeftOut: TypeAlias = Annotated[
    list[SuppressionKind] | None,
    Parameter(
        name="--protect",
        help="Leave people out who unsubscribed or were deleted; say it once for each kind.",
        negative="",
    ),
]
Verify: TypeAlias = Annotated[
    bool | None,
    Parameter(
        name="--verify",
        negative="--no-verify",
        help="Read the lists back to see who arrived [default: where the service's counts "
        "disagree with what was sent]",
    ),
]
Missing: TypeAlias = Annotated[
    Path | None,
    Parameter(
        name="--missing",
        help="Write who did not arrive to this CSV file, to be corrected.",
    ),
]


@Parameter(name="*", group=_ACCOUNT)
@attrs.frozen
class Account:
    """Which account, and how to tell the result."""

    sandbox: Annotated[
        bool,
        Parameter(
            help="Use an imitation of Constant Contact inside this process: needs no account, "
            "touches nothing, and is gone at the end.",
            negative="",
            show_default=False,
        ),
    ] = False
    json: Annotated[
        bool,
        Parameter(
            help="Print exactly one JSON object as the result.", negative="", show_default=False
        ),
    ] = False
    profile: Annotated[
        str | None,
        Parameter(
            metavar="NAME", help="Whose sign-in to use: one for each account. [default: default]"
        ),
    ] = None
    base_url: Annotated[
        str | None,
        Parameter(metavar="URL", help="Where the API is, in place of CC_ASYNC_BASE_URL."),
    ] = None
    home: Annotated[Path | None, Parameter(help="Folder for state, in place of CC_ASYNC_HOME.")] = (
        None
    )
    timeout: Annotated[
        float, Parameter(metavar="SECONDS", help="To wait for one answer.", validator=Number(gt=0))
    ] = 60.0


def read_mapping(words: Sequence[str] | None) -> dict[str, str]:
    """Return headings with the columns they mean, from words such as `Mail=email`.

    Raises:
        InvalidRequestError: There is no equals sign, no heading, or a heading comes twice.
    """
    mapping: dict[str, str] = {}
    for word in words or ():
        heading, sign, column = word.rpartition("=")
        if not sign or not heading.strip():
            raise InvalidRequestError(
                f"--map {word!r} is not of the form HEADER=column",
                "Write --map 'E-Mail=email', or --map 'Notes=' to leave a column out.",
            )
        if heading in mapping:
            raise InvalidRequestError(
                f"--map names the heading {heading!r} twice", "Keep one of them."
            )
        mapping[heading] = column
    return mapping


def read_consent(word: str | None) -> str:
    """Return *word* if it is the consent that a bulk sign-up needs.

    Raises:
        ConsentRequiredError: It is anything but `explicit`.
    """
    if word != "explicit":
        raise ConsentRequiredError(
            "a sign-up makes people subscribers who asked for it, so it needs your word that "
            "each of them did",
            "Say --consent explicit if they did; use `cc-async import` for everybody else.",
        )
    return word


def read_protection(words: Sequence[str] | None) -> tuple[SuppressionKind, ...]:
    """Return whom a sign-up leaves alone.

    Raises:
        InvalidRequestError: `none` stands beside something else.
    """
    if words is None:
        return SUPPRESSION_KINDS
    chosen = tuple(kind for kind in SUPPRESSION_KINDS if kind in words)
    if "none" in words and chosen:
        raise InvalidRequestError(
            "--protect none contradicts the other --protect", "Keep one of them."
        )
    return chosen


def read_shares(words: Sequence[str] | None) -> dict[str, float]:
    """Return faults with their share of all requests, from words such as `500=0.1`.

    Raises:
        InvalidRequestError: A share is missing or is not from 0 to 1.
    """
    shares: dict[str, float] = {}
    for word in words or ():
        name, _, share = word.partition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            shares[name] = -1.0
        if not 0 <= shares[name] <= 1:
            raise InvalidRequestError(
                f"--fault {word!r} is not of the form NAME=SHARE",
                "Write --fault 500=0.1 for every tenth request; a share is from 0 to 1.",
            )
    return shares


def check_place(path: Path | None, option: str) -> None:
    """Make sure that a file can be written at *path*, before anything is sent.

    Raises:
        InvalidRequestError: It cannot.
    """
    if path is None:
        return
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InvalidRequestError(
            f"{option} {path}: no file can be written there",
            "Give the path of a file in a folder that exists and is yours.",
        )
