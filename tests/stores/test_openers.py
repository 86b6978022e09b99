"""Stores by their URLs, and the default place of state."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cc_async.errors import StoreError
from cc_async.stores import (
    default_home,
    default_store_url,
    open_store,
)
from cc_async.stores._openers import OPENERS


def test_stores_by_url(tmp_path: Path) -> None:
    """A URL names a store; the path comes after three slashes."""
    assert repr(open_store("memory:")) == "MemoryStore()"
    assert repr(open_store("sqlite:///some/file.db")) == "SqliteStore('some/file.db')"
    assert (
        repr(open_store(default_store_url(tmp_path)))
        == f"SqliteStore('{tmp_path}/cc-async.sqlite3')"
    )


@pytest.mark.parametrize("url", ["", "sqlite:", "sqlite:///", "mysql://root:secret@host/db"])
def test_unknown_urls(url: str) -> None:
    """Any other URL is an error that lists the right forms and shows no password."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "sqlite:///PATH" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_every_scheme_is_listed() -> None:
    """The error for an unknown URL names every scheme of the table."""
    with pytest.raises(StoreError) as caught:
        open_store("unknown:")
    assert [scheme for scheme in OPENERS if scheme not in caught.value.hint] == []


@pytest.mark.parametrize("scheme", OPENERS)
def test_opening_connects_to_nothing(scheme: str) -> None:
    """A store object is made without a file, a loop or a connection."""
    url = "sqlite:///no/such/file" if scheme == "sqlite" else f"{scheme}://127.0.0.1:1/1"
    assert repr(open_store(url)).partition("(")[0].endswith("Store")


@pytest.mark.parametrize(
    ("url", "driver", "extra"),
    [("redis://h", "redis.asyncio", "redis"), ("postgresql://h", "psycopg", "postgres")],
)
def test_a_driver_that_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, url: str, driver: str, extra: str
) -> None:
    """A missing driver is an error with the command that installs it."""
    for name in sys.modules.keys() & {"cc_async.stores._redis", "cc_async.stores._postgres"}:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.hint == f"pip install 'cc-async[{extra}]'"


def test_home_is_a_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """State lives in CC_ASYNC_HOME, or else in the platform's folder for user state."""
    monkeypatch.setenv("CC_ASYNC_HOME", str(tmp_path))
    assert default_home() == tmp_path
    monkeypatch.delenv("CC_ASYNC_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", os.fspath(tmp_path))
    assert default_home().name == "cc-async"
