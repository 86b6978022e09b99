"""The examples of the README run."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cc_async import ConstantContact, ImportOptions, SignUp
from tests.support.people import client_of, open_sandbox
from tests.support.sandbox_process import sandbox_process

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_first_example_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first example imports a file of its working directory."""
    (tmp_path / "contacts.csv").write_bytes((ROOT / "examples/contacts.csv").read_bytes())
    with sandbox_process() as sandbox:
        monkeypatch.setenv("CC_ASYNC_BASE_URL", sandbox.url)
        monkeypatch.setenv("CC_ASYNC_ACCESS_TOKEN", "sandbox-token")
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        done = subprocess.run(
            [sys.executable, "-c", blocks("python")[0]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
    sent, counted = re.findall(r"\d+", done.stdout)
    assert done.returncode == 0, done.stderr
    assert sent == counted
    assert int(sent) >= 450


@pytest.mark.looptime
async def test_the_other_examples_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every function in the README does what the text says."""
    shown: dict[str, object] = {
        "ConstantContact": ConstantContact,
        "ImportOptions": ImportOptions,
        "SignUp": SignUp,
    }
    for block in blocks("python")[1:]:
        exec(compile(block, "README.md", "exec"), shown)  # noqa: S102 - our own README
    sandbox = open_sandbox()
    async with client_of(sandbox) as cc:
        await shown["nightly"](cc, [{"email": "a@example.com"}, {"email": "no"}])  # type: ignore[operator]
        await shown["newcomers"](cc, [SignUp("b@example.com")])  # type: ignore[operator]
        await shown["one_by_one"](cc)  # type: ignore[operator]
        sandbox.faults.add("cut-after", path="/activities/contacts_json_import", times=1)
        lost = await cc.bulk.import_contacts(
            [{"email": "c@example.com"}],
            lists=["Newsletter"],
            options=ImportOptions(send_as="json"),
        )
        assert lost.state == "uncertain"
        await shown["go_on"](cc)  # type: ignore[operator]
        monkeypatch.chdir(tmp_path)
        Path("contacts.csv").write_text("email\nc@example.com\n")
        await shown["before_a_job"](cc)  # type: ignore[operator]
        await shown["careful"](cc)  # type: ignore[operator]
    printed = capsys.readouterr().out
    assert "100 %" in printed
    assert "0 0 0\n" in printed
    assert "1 created" in printed
    assert "created\n" in printed
    assert "completed True" in printed
    assert re.search(r"^import \d+ of \d+ requests", printed, re.MULTILINE)
    assert sandbox.contact_count == 4
    assert not asyncio.all_tasks() - {asyncio.current_task()}


def test_the_quick_start_has_two_independent_lines() -> None:
    """Quick start has two blocks of one line; each makes an environment of its own."""
    part = README.split("## Quick start")[1].split("\n## ")[0]
    lines = re.findall(r"^```sh\n(.*?)\n```", part, re.MULTILINE | re.DOTALL)
    assert len(lines) == 2
    for line in lines:
        assert "\n" not in line
        assert shlex.split(line)[:4] == ["python3", "-m", "venv", ".venv"]
