"""The options that commands share, and the one place where flags become values.

A class named `…Flags` is a group of options on the command line. Its `to_options` returns the value
that the library takes for them. A new option is a field in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import attrs
from cyclopts import Group, Parameter
from cyclopts.validators import Number

from cc_async.errors import ConsentRequiredError, InvalidRequestError
from cc_async.imports import ImportOptions
from cc_async.lookups import SUPPRESSION_KINDS, SuppressionKind
from cc_async.sign_ups import SignUpOptions
from cc_async.sources import LONGEST_EMAIL, LONGEST_PHONE, ReadingOptions

_ACCOUNT = Group("Account and output", sort_key=10)


def switch(help: str) -> Parameter:  # noqa: A002 - as cyclopts calls it
    """Return the parameter of an option that is given or not, without a value."""
    return Parameter(help=help, negative="", show_default=False)


ContactFile: TypeAlias = Annotated[
    str,
    Parameter(
        name="FILE",
        help="CSV or JSON lines, one contact in each; - reads standard input.",
        allow_leading_hyphen=True,
    ),
]
ListNames: TypeAlias = Annotated[
    list[str],
    Parameter(
        name="--list",
        metavar="NAME",
        help="A list to add the contacts to, by its exact name or id; give it once for each list.",
        negative="",
    ),
]
SuppressionFiles: TypeAlias = Annotated[
    list[Path] | None,
    Parameter(
        name="--suppress",
        metavar="FILE",
        help="Leave out the addresses in this file: one in each line, or a column of them; give it "
        "once for each file.",
        negative="",
    ),
]
DryRun: TypeAlias = Annotated[
    bool,
    switch("Read and check everything and show what would be sent; send nothing."),
]
RejectsFile: TypeAlias = Annotated[
    Path | None,
    Parameter(
        name="--rejects",
        help="Write rejected rows to this CSV file, with the reasons, to be corrected.",
    ),
]


@Parameter(name="*")
@attrs.frozen
class ReadingFlags:
    """How to read a file of contacts."""

    read_as: Annotated[
        Literal["auto", "csv", "json"],
        Parameter(help="What the file holds; auto finds out."),
    ] = "auto"
    mapping: Annotated[
        list[str] | None,
        Parameter(
            name="--map",
            metavar="HEADING=COLUMN",
            help="The column that a heading of your file means; HEADING= leaves it out.",
            negative="",
        ),
    ] = None
    encoding: Annotated[
        str | None,
        Parameter(
            metavar="NAME",
            help="The encoding of the file, such as cp1252.",
            show_default="UTF-8",
        ),
    ] = None
    max_email: Annotated[
        int,
        Parameter(
            help="Characters of an address that are let through, at most 80.",
            validator=Number(gte=1, lte=LONGEST_EMAIL),
        ),
    ] = 50
    max_phone: Annotated[
        int,
        Parameter(
            help="Characters of a phone number that are let through, at most 50.",
            validator=Number(gte=1, lte=LONGEST_PHONE),
        ),
    ] = 25

    def to_options(self) -> ReadingOptions:
        """Return how a source is read.

        Raises:
            InvalidRequestError: A `--map` has no meaning.
        """
        return ReadingOptions(
            self.read_as,
            self.encoding,
            read_mapping(self.mapping),
            self.max_email,
            self.max_phone,
        )


@Parameter(name="*")
@attrs.frozen
class ImportFlags:
    """How to import contacts."""

    reading: ReadingFlags = attrs.field(factory=ReadingFlags)
    send_as: Annotated[
        Literal["auto", "csv", "json"],
        Parameter(
            help="What to send; auto is csv, which needs half the requests, for contacts with a "
            "value in every column."
        ),
    ] = "auto"
    create_lists: Annotated[
        bool,
        switch("Create lists that do not exist yet."),
    ] = False
    sms_permission: Annotated[
        Literal["explicit", "not_set"] | None,
        Parameter(
            help="Permission for numbers that get text messages; required with them. explicit "
            "needs the date of the consent in each row."
        ),
    ] = None
    protect: Annotated[
        list[SuppressionKind] | None,
        Parameter(
            help="Leave out people who unsubscribed or were deleted; give it once for each kind.",
            negative="",
        ),
    ] = None
    verify: Annotated[
        bool | None,
        Parameter(
            negative="--no-verify",
            help="Read the lists back to see who is on them.",
            show_default="where counts disagree",
        ),
    ] = None
    rejects: RejectsFile = None
    missing: Annotated[
        Path | None,
        Parameter(help="Write contacts that did not arrive to this CSV file, to be corrected."),
    ] = None

    def to_options(self) -> ImportOptions:
        """Return how to import.

        Raises:
            InvalidRequestError: A `--map` has no meaning.
        """
        return ImportOptions(
            reading=self.reading.to_options(),
            send_as=self.send_as,
            create_lists=self.create_lists,
            sms_permission=self.sms_permission,
            protect=tuple(self.protect or ()),
            verify=self.verify,
            rejects=self.rejects,
            missing=self.missing,
        )


@Parameter(name="*")
@attrs.frozen
class SignUpFlags:
    """How to sign people up."""

    reading: ReadingFlags = attrs.field(factory=ReadingFlags)
    protect: Annotated[
        list[Literal["unsubscribed", "deleted", "none"]] | None,
        Parameter(
            help="People to leave out; give it once for each kind.",
            negative="",
            show_default="unsubscribed, deleted",
        ),
    ] = None
    rejects: RejectsFile = None
    outcomes: Annotated[
        Path | None,
        Parameter(
            help="Write the outcome of each person to this file, as JSON lines, with line, status and "
            "reason."
        ),
    ] = None

    def to_options(self) -> SignUpOptions:
        """Return how to sign people up.

        Raises:
            InvalidRequestError: A `--map` has no meaning, or `--protect none` is not alone.
        """
        protect = read_protection(self.protect)
        return SignUpOptions(self.reading.to_options(), protect, self.rejects, self.outcomes)


@Parameter(name="*", group=_ACCOUNT)
@attrs.frozen
class AccountOptions:
    """The account to work on, and how to print the result."""

    sandbox: Annotated[
        bool,
        switch(
            "Use an imitation of Constant Contact inside this process: it needs no account, "
            "touches nothing, and is gone at the end."
        ),
    ] = False
    json: Annotated[
        bool,
        switch("Print exactly one JSON object as the result."),
    ] = False
    profile: Annotated[
        str | None,
        Parameter(
            metavar="NAME",
            help="The sign-in to use, in place of CC_ASYNC_PROFILE.",
            show_default="default",
        ),
    ] = None
    account: Annotated[
        str | None,
        Parameter(
            metavar="NAME",
            help="Your name for the account, in place of CC_ASYNC_ACCOUNT: it keeps jobs apart "
            "where the sign-in does not tell the account.",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        Parameter(metavar="URL", help="The address of the API, in place of CC_ASYNC_BASE_URL."),
    ] = None
    home: Annotated[
        Path | None, Parameter(help="The folder for state, in place of CC_ASYNC_HOME.")
    ] = None
    timeout: Annotated[
        float,
        Parameter(
            metavar="SECONDS", help="How long to wait for one answer.", validator=Number(gt=0)
        ),
    ] = 60.0
    patience: Annotated[
        str | None,
        Parameter(
            metavar="TIME",
            help="How long a job goes on trying without a usable answer: seconds, or such as 30m, "
            "2h, 1d.",
            show_default="1h",
        ),
    ] = None


def read_mapping(texts: Sequence[str] | None) -> dict[str, str]:
    """Return headings with the columns they mean, from texts such as `Mail=email`.

    Raises:
        InvalidRequestError: There is no equals sign, no heading, or a heading comes twice.
    """
    mapping: dict[str, str] = {}
    for text in texts or ():
        heading, sign, column = text.rpartition("=")
        if not sign or not heading.strip():
            raise InvalidRequestError(
                f"--map {text!r} is not of the form HEADING=COLUMN",
                "Write --map 'E-Mail=email', or --map 'Notes=' to leave a column out.",
            )
        if heading in mapping:
            raise InvalidRequestError(
                f"--map names the heading {heading!r} twice", "Keep one of them."
            )
        mapping[heading] = column
    return mapping


def read_consent(text: str | None) -> str:
    """Return *text* if it is the consent that a bulk sign-up needs.

    Raises:
        ConsentRequiredError: It is anything but `explicit`.
    """
    if text != "explicit":
        raise ConsentRequiredError(
            "a sign-up makes people explicit subscribers, so you must confirm that each of them "
            "asked for it"
        )
    return text


def read_protection(kinds: Sequence[str] | None) -> tuple[SuppressionKind, ...]:
    """Return the kinds of people that a sign-up leaves out.

    Raises:
        InvalidRequestError: `none` stands beside another kind.
    """
    if kinds is None:
        return SUPPRESSION_KINDS
    chosen = tuple(kind for kind in SUPPRESSION_KINDS if kind in kinds)
    if "none" in kinds and chosen:
        raise InvalidRequestError(
            "--protect none contradicts the other --protect", "Keep one of them."
        )
    return chosen
