"""The notes of sign-ins: the application of each profile on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from cc_async.auth import forget_sign_in, known_application, note_sign_in
from cc_async.errors import StoredFormatError

SAMPLES = Path(__file__).parents[1] / "samples" / "auth"


async def test_a_sign_in_is_noted_and_forgotten(tmp_path: Path) -> None:
    """Each profile has a note of its own, until it is forgotten."""
    assert known_application(tmp_path, "acme") is None
    await note_sign_in(tmp_path, "acme", "client-1")
    await note_sign_in(tmp_path, "globex", "client-2")
    await forget_sign_in(tmp_path, "acme")
    assert known_application(tmp_path, "acme") is None
    assert known_application(tmp_path, "globex") == "client-2"


@pytest.mark.parametrize("version", ["unversioned", "1"])
def test_notes_of_every_version_are_read(tmp_path: Path, version: str) -> None:
    """A note from before versions is read as well as one of version 1."""
    shutil.copy(SAMPLES / f"sign-ins-{version}.json", tmp_path / "sign-ins.json")
    assert known_application(tmp_path, "default") == "4d7e2f9a-1c3b-4a8e-9f60-2b5d8c7a1e34"


async def test_a_new_sign_in_replaces_a_note_of_an_unknown_version(tmp_path: Path) -> None:
    """A note of another version is an error with a remedy, and the remedy works."""
    path = tmp_path / "sign-ins.json"
    path.write_bytes(orjson.dumps({"default": {"format": 2, "client_id": "client-1"}}))
    with pytest.raises(StoredFormatError, match="version 2") as caught:
        known_application(tmp_path, "default")
    assert "cc-async login" in caught.value.hint
    await note_sign_in(tmp_path, "default", "client-2")
    assert known_application(tmp_path, "default") == "client-2"
    assert orjson.loads(path.read_bytes())["default"]["format"] == 1


@pytest.mark.parametrize("content", ["", "[]", '{"acme": 5}', '{"acme": {"client_id": 5}}'])
def test_a_damaged_note_is_no_note(tmp_path: Path, content: str) -> None:
    """An unreadable note says nothing: the application must be named again."""
    (tmp_path / "sign-ins.json").write_text(content)
    assert known_application(tmp_path, "acme") is None
