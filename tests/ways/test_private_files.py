"""Files with contacts or tokens are for their owner alone, and so are the folders around them."""

from __future__ import annotations

import os
from pathlib import Path

from cc_async import ConstantContact, Limits, Network
from cc_async.auth import open_token_store
from cc_async.sandbox import Sandbox, SandboxSettings


def modes(folder: Path) -> dict[str, str]:
    """Return the paths in *folder* that others may look into, with their modes."""
    found = [folder, *folder.rglob("*")]
    return {str(path): oct(path.stat().st_mode) for path in found if path.stat().st_mode & 0o077}


async def test_all_state_is_for_its_owner_alone(tmp_path: Path, monkeypatch: object) -> None:
    """Under a lax umask the state folder has 0700 at every level, and each file in it 0600."""
    file, home = tmp_path / "people.csv", tmp_path / "new" / "home"
    file.write_text("Email,First Name\nann@example.com,Ann\n")
    monkeypatch.setenv("CC_ASYNC_HOME", str(home))  # type: ignore[attr-defined]
    before = os.umask(0o000)
    try:
        async with (
            Sandbox(SandboxSettings()).serve() as server,
            ConstantContact(
                "sandbox-token",
                network=Network(base_url=server.url),
                limits=Limits(per_second=100),
            ) as cc,
        ):
            job = await cc.bulk.submit_import(file, lists=["Newsletter"])
            assert list(home.rglob("*.body"))
            assert modes(tmp_path / "new") == {}
            await job
            await job.aclose()
        tokens = open_token_store(f"file://{home}/deep/er/tokens.json")
        await tokens.update("a", lambda record, now: ({"secret": 1}, None))
        assert modes(tmp_path / "new") == {}
    finally:
        os.umask(before)
