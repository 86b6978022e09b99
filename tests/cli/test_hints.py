"""The table from errors to what to type."""

import pytest

from cc_async.cli._app import app
from cc_async.cli._hints import _FOR_ERRORS, _FOR_OPTIONS, hint_for
from cc_async.errors import (
    ConsentRequiredError,
    ConstantContactError,
    InputChangedError,
    InputError,
    InvalidRequestError,
    JobCancelledError,
    JobNotFoundError,
    UnknownAccountError,
    UnknownNameError,
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("?", "", "a.csv", 1, "Shoe size", "mapping"), "--map 'Shoe size=COLUMN'"),
        (InputError("?", "", "a.csv", 1, "It's", "mapping"), """--map 'It'"'"'s='"""),
        (InputError("?", "", "a.csv", option="mapping"), "--map HEADING=COLUMN"),
        (InputError("?", "Save it.", "a.csv", option="encoding"), "Save it. Use --encoding"),
        (InputChangedError("?", job_id="j1"), "`cc-async resume j1`"),
        (InvalidRequestError("?", "", "send_as"), "--send-as"),
        (ConsentRequiredError("?"), "--consent explicit"),
        (JobNotFoundError("?"), "`cc-async jobs`"),
        (JobCancelledError("j1"), "`cc-async jobs show j1`"),
        (UnknownAccountError("?"), "--account NAME"),
        (UnknownNameError("?", "", "list", "News"), "`cc-async lists`"),
    ],
)
def test_the_hint_says_what_to_type(error: ConstantContactError, words: str) -> None:
    """The option that an error names, or its type, decides what to type."""
    assert words in hint_for(error)


def test_the_table_names_flags_and_commands_that_exist() -> None:
    """Every flag in the table is an option of some command."""
    flags = {
        name
        for command in ("import", "sign-up", "login", "resume")
        for argument in app[command].assemble_argument_collection()
        for name in argument.names
    }
    texts = " ".join([*_FOR_OPTIONS.values(), *_FOR_ERRORS.values()])
    named = {word.strip("`.,;") for word in texts.split() if word.startswith("--")}
    assert named <= flags
