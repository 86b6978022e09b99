"""The pytest fixtures that come with the package."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import aiohttp
import pytest

from cc_async import ConstantContact, Network, SignUp
from cc_async.auth import Application, SignInFlow, StoredGrant
from cc_async.sandbox import Sandbox
from cc_async.stores import MemoryStore
from cc_async.transport import AiohttpTransport

ROOT = Path(__file__).parents[1]


async def test_client_and_sandbox_belong_together(
    cc_sandbox: Sandbox, cc_client: ConstantContact
) -> None:
    """A sign-up of the client is found in the sandbox; nothing has to be opened or closed."""
    lists = [cc_sandbox.contact_lists[0].list_id]
    await cc_client.contacts.sign_up(SignUp("a@example.com", lists), consent="explicit")
    assert cc_sandbox.find_contact("a@example.com") is not None


@pytest.mark.looptime
@pytest.mark.cc_sandbox(lists=["One", "Two"], per_second=4, activity_seconds=3600)
async def test_a_mark_changes_the_sandbox_and_time_can_be_virtual(
    cc_sandbox: Sandbox, cc_client: ConstantContact
) -> None:
    """The mark sets limits and lists, and an activity of an hour takes no real time."""
    report = await cc_client.bulk.import_contacts([{"email": "a@example.com"}], lists=["Two"])
    assert report.is_all_accepted
    assert [entry.name for entry in cc_sandbox.contact_lists] == ["One", "Two"]


def test_the_sandbox_has_an_address(cc_sandbox: Sandbox, cc_sandbox_url: str) -> None:
    """The address serves the same sandbox that the test inspects."""
    import urllib.request

    request = urllib.request.Request(  # noqa: S310 - a local address
        cc_sandbox_url + "/contact_lists", headers={"Authorization": "Bearer sandbox-token"}
    )
    with urllib.request.urlopen(request) as reply:  # noqa: S310
        assert b"Newsletter" in reply.read()
    assert len(cc_sandbox.received) == 1


@pytest.mark.cc_sandbox(consent="allowed", accounts={"second": "tim@example.com"})
async def test_a_program_can_sign_in_to_any_account(
    cc_sandbox: Sandbox, cc_sandbox_url: str, cc_sandbox_auth_url: str, cc_sandbox_client_id: str
) -> None:
    """The fixtures name the authorization server and the application; a hint chooses the user."""
    store = MemoryStore()
    transport = AiohttpTransport(cc_sandbox_auth_url)
    flow = SignInFlow(
        Application(cc_sandbox_client_id), store, transport=transport, auth_url=cc_sandbox_auth_url
    )
    pending = flow.begin("http://127.0.0.1:1/callback")
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(pending.url + "&login_hint=tim@example.com", allow_redirects=False) as reply,
    ):
        await flow.finish(pending, reply.headers["Location"])
    cc_sandbox.account_of("tim@example.com").add_contact("tims@example.com")
    async with ConstantContact(
        StoredGrant(store, transport=transport), stores=store, network=Network(cc_sandbox_url)
    ) as cc:
        assert await cc.contacts.find("tims@example.com") is not None
    await transport.aclose()
    assert cc_sandbox.find_contact("tims@example.com") is None


def test_the_plugin_imports_nothing_of_the_package() -> None:
    """Loading the plugin imports no module of `cc_async`, so that coverage counts its imports."""
    code = (
        "import pytest_cc_async, sys; print(*(n for n in sys.modules if n.startswith('cc_async')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_fresh_project_gets_the_fixtures_by_installing_the_package(tmp_path: Path) -> None:
    """In a new environment with nothing but the package, the README's test passes."""
    shown = (ROOT / "README.md").read_text().split("## Test your own program")[1]
    example = shown.split("```python\n")[1].split("```")[0]
    (tmp_path / "test_shop.py").write_text(example)
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    packages = [str(ROOT), "pytest", "pytest-asyncio"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, cwd=tmp_path)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert sys.prefix not in done.stdout
