"""The reference of docs/command.md, from the command's own definitions.

`python docs/_command.py` writes it. With `--check` it writes nothing, and exits with 1 if the page is
out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from cc_async.cli._app import app

PAGE = Path(__file__).with_name("command.md")
_MARK = "<!-- `python docs/_command.py` writes everything below. -->\n"
_SHARED = "**Account and output**:\n"


def written(page: str) -> str:
    """Return *page* with the reference as it is now."""
    prose, _, _ = page.partition(_MARK)
    return f"{prose}{_MARK}\n{_reference()}"


def _reference() -> str:
    """Return all commands and options; the options that all commands share come once."""
    text = app.generate_docs(heading_level=2, usage_name="cc-async")
    text = text[text.index("**Commands**:") :]
    (shared, *_) = re.findall(rf"{re.escape(_SHARED)}\n(?:\* .*\n)+\n?", text)
    text = text.replace(shared, "").rstrip()
    on_every_command = shared.removeprefix(_SHARED).strip()
    return (
        "## Reference\n\n"
        f"{text}\n\n### On every command that works on an account\n\n{on_every_command}\n"
    )


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        sys.exit(page != written(page))
    PAGE.write_text(written(page), encoding="utf-8")
