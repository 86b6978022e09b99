"""`cc-async login`, `logout`, `whoami` and `keepalive` against a sandbox on a port."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import attrs
import orjson
import pytest

from cc_async.sandbox import Sandbox, SandboxSettings
from tests.support.command import call, serving
from tests.support.ports import free_port

SETTINGS = SandboxSettings(
    per_second=100, consent="allowed", device_interval=0.05, token_calls_per_second=100
)


@contextlib.contextmanager
def signing_in(settings: SandboxSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a sandbox that has to be signed in to; state lies on the disk."""
    with serving(settings, monkeypatch) as sandbox:
        base = os.environ["CC_ASYNC_BASE_URL"]
        monkeypatch.setenv("CC_ASYNC_AUTH_URL", base.replace("/v3", "/oauth2/default/v1"))
        monkeypatch.setenv("CC_ASYNC_CLIENT_ID", settings.client_id)
        monkeypatch.delenv("CC_ASYNC_ACCESS_TOKEN")
        monkeypatch.delenv("CC_ASYNC_STORE")
        yield sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with signing_in(SETTINGS, monkeypatch) as sandbox:
        yield sandbox


def test_a_sign_in_lets_every_command_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """After login every command works, without the application being named again."""
    before = call("lists")
    assert before.code == 3
    assert "cc-async login" in before.err
    ended = call("login")
    assert ended.code == 0
    assert re.search(r"open http://\S+/activate\?user_code=(\w+) .*\n.* code \1", ended.err)
    assert "You are signed in." in ended.out
    monkeypatch.delenv("CC_ASYNC_CLIENT_ID")
    assert "Newsletter" in call("lists").out


def test_whoami_tells_what_there_is(sandbox: Sandbox) -> None:
    """Account, scopes, privileges and both ends are told, and no token."""
    call("login")
    told = call("whoami", "--json").json
    assert told["organization_name"]
    assert told["scopes"] == ["account_read", "contact_data", "offline_access"]
    assert "contacts:write" in told["privileges"]
    assert told["missing"] == []
    assert told["token_expires_at"] < told["grant_expires_at"]
    assert "Signed in" in call("whoami").out


def test_whoami_names_what_is_missing(sandbox: Sandbox) -> None:
    """A scope that was not asked for and a privilege that the user lacks are named."""
    login = call("login", "--scope", "offline_access")
    assert login.code == 0
    sandbox.rights.privileges.remove("contacts:write")
    told = call("whoami", "--json").json
    assert told["missing"] == ["scope contact_data", "privilege contacts:write"]
    assert told["organization_name"] is None
    text = call("whoami").out
    assert "lacks the scope account_read" in text
    assert "Missing for imports: the privilege contacts:write." in text


def test_without_offline_access_the_end_is_told(sandbox: Sandbox) -> None:
    """A sign-in that cannot be renewed says so at once."""
    ended = call("login", "--scope", "contact_data")
    assert ended.code == 0
    assert "offline_access was not granted" in ended.out


def test_a_missing_privilege_is_named_where_it_matters(sandbox: Sandbox) -> None:
    """A command that is denied says which privilege it takes, and ends with 3."""
    call("login")
    sandbox.rights.privileges.remove("contacts:lists:read")
    ended = call("lists")
    assert ended.code == 3
    assert "lacks the privilege contacts:lists:read" in ended.err


def test_keepalive_renews(sandbox: Sandbox) -> None:
    """Each profile that is named is renewed; one that nobody signed in for ends with 3."""
    for profile in ("acme", "globex"):
        assert call("login", "--profile", profile).code == 0
    ended = call("keepalive", "acme", "globex", "--json")
    assert ended.code == 0
    assert [each["profile"] for each in ended.json["profiles"]] == ["acme", "globex"]
    ended = call("keepalive", "acme", "nobody")
    assert ended.code == 3
    assert "There is no sign-in for profile 'nobody'" in ended.out
    renewed = [entry for entry in sandbox.received if b"refresh_token" in entry.body]
    assert len(renewed) == 3


def test_logout_forgets(sandbox: Sandbox, tmp_path: Path) -> None:
    """After logout nobody is let in, and nothing of the tokens is left on the disk."""
    call("login")
    assert call("logout", "--json").json == {"profile": "default", "was_signed_in": True}
    assert call("logout", "--json").json == {"profile": "default", "was_signed_in": False}
    assert call("lists").code == 3


def test_a_refused_sign_in_names_the_command(sandbox: Sandbox) -> None:
    """When the refresh token is worth nothing any more, the way back is one sentence."""
    call("login", "--profile", "acme")
    sandbox.reset()
    ended = call("lists", "--profile", "acme", "--json")
    assert ended.code == 3
    assert ended.json["error"]["type"] == "AuthError"
    assert "`cc-async login --profile acme`" in ended.json["error"]["message"]


def test_a_person_who_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """A declined sign-in ends with 3 and keeps nothing."""
    with signing_in(attrs.evolve(SETTINGS, consent="denied"), monkeypatch):
        ended = call("login")
        assert ended.code == 3
        assert "declined" in ended.err
        assert call("whoami").code == 3


def test_an_unknown_application(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong API key is told as such; none at all is bad usage."""
    ended = call("login", "--client-id", "nonsense")
    assert ended.code == 3
    assert "does not accept the application" in ended.err
    monkeypatch.delenv("CC_ASYNC_CLIENT_ID")
    assert call("login").code == 2


def test_a_sign_in_in_memory_is_refused(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked to sign in for a moment."""
    monkeypatch.setenv("CC_ASYNC_STORE", "memory:")
    ended = call("login")
    assert ended.code == 2
    assert "CC_ASYNC_TOKEN_STORE" in ended.err


def test_a_browser_signs_in(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --browser the answer comes back to this machine; no argument or log holds a secret."""
    redirect_uri = f"http://127.0.0.1:{free_port()}/callback"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "cc_async", "login", "--browser", "--json"),
            *("--redirect-uri", redirect_uri),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": "/bin/false", "CC_ASYNC_DEBUG": "1"},
    )
    assert process.stderr is not None
    line = ""
    while "To sign in" not in line:
        line = process.stderr.readline()
    address = re.search(r"http://\S+", line)
    assert address is not None
    with urllib.request.urlopen(address.group()) as page:  # noqa: S310 - our own
        assert "Thank you" in page.read().decode()
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert orjson.loads(out)["profile"] == "default"
    assert "code=" not in err
    assert call("lists").code == 0


@pytest.mark.parametrize("words", [("login",), ("whoami",), ("keepalive",), ("logout",)])
def test_a_sandbox_of_its_own_keeps_nothing(words: tuple[str], tmp_path: Path) -> None:
    """With --sandbox each of them works without an account, and leaves nothing behind."""
    ended = call(*words, "--sandbox", "--json")
    assert ended.code == 0, ended.err
    assert ended.json
    assert not list((tmp_path / "home").glob("*"))
