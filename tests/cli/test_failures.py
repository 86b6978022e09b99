"""From an error to the message that a person reads."""

import pytest

from cc_async.cli._failures import failure_of
from cc_async.errors import BadRequestError, Problem
from tests.support.command import call


def test_an_unexpected_error_is_not_quoted() -> None:
    """The text of an unexpected error, which may hold an address, is not shown."""
    failure = failure_of(ValueError("ann@example.com"))
    assert "ann@" not in str(failure)
    assert "ValueError" in failure.message
    assert failure.exit_code == 5


def test_the_request_id_is_shown() -> None:
    """The hint names the request id, which the provider's support asks for."""
    failure = failure_of(BadRequestError(400, (Problem("k", "wrong"),), request_id="r-1"))
    assert failure.to_json() == {
        "type": "BadRequestError",
        "message": "Constant Contact answered 400: wrong",
        "hint": "The same request would be refused again. Constant Contact's support can look up "
        "the request id r-1.",
    }


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (("import", "F", "--list", "A", "--format", "json"), ("--send-as", "--read-as")),
        (("sign-up", "F", "--list", "A", "--format=csv"), ("--send-as", "--read-as")),
        (("import", "F", "--list", "A", "--left-list-from", "E"), ("--suppress",)),
    ],
)
def test_a_former_flag_names_those_in_its_place(
    words: tuple[str, ...], flags: tuple[str, ...]
) -> None:
    """A flag of an earlier version is bad usage, and the message names the flags of today."""
    ended = call(*words, "--json")
    assert ended.code == 2
    for flag in flags:
        assert flag in ended.json["error"]["message"]
