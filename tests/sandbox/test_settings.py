"""Settings take any iterable of names, and keep their secrets out of texts."""

from __future__ import annotations

from typing import Any

import pytest

from cc_async.errors import InvalidRequestError
from cc_async.sandbox import SandboxSettings


def test_names_may_come_in_any_iterable() -> None:
    """Lists, generators and tuples all become tuples."""
    settings = SandboxSettings(lists=["A"], custom_fields=(name for name in "BC"))  # type: ignore[arg-type]
    assert (settings.lists, settings.custom_fields) == (("A",), ("B", "C"))


def test_secrets_do_not_show() -> None:
    """Token and client secret are masked where settings are printed."""
    text = repr(SandboxSettings(token="my-token", client_secret="my-secret"))
    assert "my-token" not in text
    assert "my-secret" not in text


def test_the_defaults_are_the_documented_limits() -> None:
    """Four requests a second, 10,000 a day, 4 MB and 40,000 lines of an import."""
    settings = SandboxSettings()
    assert (settings.per_second, settings.per_day) == (4, 10_000)
    assert (settings.max_bytes, settings.max_lines) == (4_000_000, 40_000)


@pytest.mark.parametrize(
    "words", [{"window": "rolling"}, {"duplicates": "lst"}, {"consent": None}, {"blank_cells": 1}]
)
def test_a_wrong_word_is_refused_at_once(words: dict[str, Any]) -> None:
    """The error names the setting and its words; a sandbox would answer 500 later."""
    with pytest.raises(InvalidRequestError) as caught:
        SandboxSettings(**words)
    assert caught.value.option in words
    assert "'" in caught.value.hint
