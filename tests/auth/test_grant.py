"""A stored grant as a record, and the versions of that record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from cc_async.auth._grant import GRANT_FORMAT, Grant, new_grant
from cc_async.errors import StoreCorruptError, StoredFormatError
from tests.support.scripted import reply

SAMPLES = Path(__file__).parents[1] / "samples" / "auth"
REPLY = reply(200, {"access_token": "access-2", "refresh_token": "refresh-2"})


def sample(name: str) -> Any:
    return orjson.loads((SAMPLES / name).read_bytes())


def test_a_grant_comes_back_from_its_record() -> None:
    """A record keeps every field; a field of a newer release is ignored."""
    grant = new_grant("one", "client-1", 5.0, REPLY)
    assert Grant.of({**grant.to_record(), "added_later": 1}) == grant
    assert "refresh-2" not in repr(grant)


@pytest.mark.parametrize("key", ["grant:default", "grant:acme"])
def test_grants_of_every_version_are_read(key: str) -> None:
    """A grant from before versions is the same as one of version 1, and is written as that."""
    old, new = (sample(f"tokens-{name}.json")[key] for name in ("unversioned", "1"))
    grant = Grant.of(old)
    assert grant is not None
    assert grant == Grant.of(new)
    assert grant.to_record() == new
    assert new["format"] == GRANT_FORMAT


def test_an_unknown_version_is_refused() -> None:
    """A grant of another version is an error with a remedy, not a guess."""
    with pytest.raises(StoredFormatError, match="the stored sign-in has version 2") as caught:
        Grant.of({**sample("tokens-1.json")["grant:default"], "format": 2})
    assert "cc-async login" in caught.value.hint


@pytest.mark.parametrize("record", ["text", {"id": "one"}, {"format": 1, "tokens": {}}])
def test_a_record_that_is_no_grant_is_damaged(record: Any) -> None:
    """Anything else in the place of a grant is called damaged."""
    with pytest.raises(StoreCorruptError, match="damaged"):
        Grant.of(record)


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Grant)])
@pytest.mark.parametrize("odd", [["x"], {"status": "x"}, {"kind": 1}])
def test_a_field_of_another_type_is_damage(name: str, odd: Any) -> None:
    """No field is believed because its name is right."""
    record = new_grant("one", "client-1", 5.0, REPLY).to_record()
    with pytest.raises(StoreCorruptError, match="damaged"):
        Grant.of({**record, name: odd})
