"""The page about suppression makes a file that an import takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cc_async.lookups import read_suppressed_addresses

PAGE = Path(__file__).parents[2] / "docs" / "suppression.md"


async def test_two_exports_make_a_list_of_people_who_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's code leaves the addresses that only the earlier export has."""
    (code,) = re.findall(r"```python\n(import csv.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    march = "\ufeffEmail address,First name\nANN@example.com,Ann\nbob@example.com,Bob\n"
    Path("newsletter-in-march.csv").write_text(march)
    Path("newsletter-today.csv").write_text("First name,Email address\nAnn,ann@example.com\n")
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - the page's own code
    found = await read_suppressed_addresses("former.csv")
    assert found.addresses == {"bob@example.com"}
