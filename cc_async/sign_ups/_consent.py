"""The word of the caller that people asked to be mailed."""

from __future__ import annotations

from cc_async.errors import ConsentRequiredError


def require_consent(consent: str) -> None:
    """Refuse any consent but `explicit`.

    Raises:
        ConsentRequiredError: *consent* is something else.
    """
    if consent != "explicit":
        raise ConsentRequiredError(
            "a sign-up makes people explicit subscribers, so you must confirm that each of "
            "them asked for it",
            'If they did, say consent="explicit". To add people without their consent, '
            "import them.",
            option="consent",
        )
