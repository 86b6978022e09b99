"""The pages of a sign-in are plain and safe."""

from __future__ import annotations

from cc_async.sandbox.oauth._consent_page import consent_page, message_page


def test_the_consent_page_names_application_and_scopes() -> None:
    """Texts of the request are escaped, and no script can run."""
    reply = consent_page(["contact_data", "<script>"], 'shop"&', ["lola"])
    text = reply.body.decode()
    assert (reply.status, "<script>" in text, "&lt;script&gt;" in text) == (200, False, True)
    assert "shop&quot;&amp;" in text
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "select" not in text


def test_the_consent_page_lets_the_user_choose_an_account() -> None:
    """With several accounts, the page asks whose sign-in it is."""
    text = consent_page(["contact_data"], "shop", ["lola", "<tim>"]).body.decode()
    assert "<option>lola</option><option>&lt;tim&gt;</option>" in text


def test_a_message_page_has_one_sentence() -> None:
    """It comes with the status of its error."""
    reply = message_page(404, "No device waits with this code.")
    assert (reply.status, b"No device waits" in reply.body) == (404, True)
