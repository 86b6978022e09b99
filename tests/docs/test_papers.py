"""The pages for people who change the code name only files and rooms that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "cc_async"
PAGES = ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/releasing.md"]
EXAMPLES = {"cc_async/integrations/", "dist/", "tests/limits/test_budget.py"}
"""Paths that a page names as an example, or for later."""


def exists(path: str) -> bool:
    """Whether *path* is a file or folder of the repository, of the package, or of a room."""
    name = path.rstrip("/")
    return any((top / name).exists() for top in (ROOT, PACKAGE)) or any(PACKAGE.rglob(name))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_on_the_page_exists(page: str) -> None:
    """Files and folders on the page are in the repository."""
    text = (ROOT / page).read_text()
    paths = set(re.findall(r"[\w./]*\w\.(?:py|toml)\b", text))
    paths |= set(re.findall(r"`(\.?\w[\w/]*/)`", text))
    assert sorted(path for path in paths - EXAMPLES if not exists(path)) == []


def test_the_rooms_are_drawn_as_the_contract_has_them() -> None:
    """The drawing of the rooms names those of the contract, from top to bottom."""
    page = (ROOT / "docs/architecture.md").read_text()
    drawing = page.split("## Rooms")[1].split("```")[1]
    drawn = [re.findall(r"\w+(?=/|\.py)", line.partition("  ")[0]) for line in drawing.splitlines()]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    rooms = [[*set(re.findall(r"\w+", layer)) - {"integrations"}] for layer in layers]
    assert [sorted(line) for line in drawn if line] == [sorted(names) for names in rooms]


def test_links_lead_to_files() -> None:
    """Links between the pages lead to existing files."""
    for page in [*PAGES, "README.md", *map(str, ROOT.glob("docs/*.md"))]:
        path = ROOT / page
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
            assert (path.parent / link).exists(), f"{page}: {link}"
