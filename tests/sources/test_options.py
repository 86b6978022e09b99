"""How a source is read: the lengths that are let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from cc_async.errors import InvalidRequestError
from cc_async.sandbox import Sandbox, SandboxSettings
from cc_async.sources import ReadingOptions
from tests.support.command import call, serving, written

LONG = "a" * 60 + "@example.com"
PEOPLE = f"Email,Phone\n{LONG},{'1' * 45}\n"


@pytest.mark.parametrize("limits", [{"max_email": 81}, {"max_phone": 51}, {"max_email": 0}])
def test_a_limit_beyond_the_service_s_own_is_refused(limits: dict[str, int]) -> None:
    """The service takes 80 characters of an address and 50 of a phone number at most."""
    with pytest.raises(InvalidRequestError) as caught:
        ReadingOptions(**limits)
    assert caught.value.option in limits


@pytest.mark.parametrize(
    "words", [("import",), ("sign-up", "--consent", "explicit")], ids=lambda words: words[0]
)
def test_long_values_are_let_through_where_it_is_asked_for(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the options such a row is rejected; with them it is checked and sent."""
    command, *more = words
    file = written(tmp_path, PEOPLE)
    with serving(SandboxSettings(activity_seconds=0.1), monkeypatch) as sandbox:
        given = (command, file, "--list", "Newsletter", *more)
        assert call(*given, "--dry-run", "--json").json["contacts_rejected"] == 1
        ended = call(*given, "--max-email", "80", "--max-phone", "50", "--dry-run", "--json")
        assert ended.json["contacts_rejected"] == 0
        call(*given, "--max-email", "80", "--max-phone", "50")
        assert sent(sandbox)
        assert call(*given, "--max-email", "81").code == 2


def sent(sandbox: Sandbox) -> bool:
    return any(entry.method == "POST" for entry in sandbox.received)
