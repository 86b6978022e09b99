"""A deletion is repeated after a lost answer."""

from __future__ import annotations

from typing import Any

import pytest

from cc_async.errors import (
    NotFoundError,
    TransportError,
    UnexpectedResponseError,
)
from cc_async.resources import Contacts, CustomFields
from tests.support.resources import (
    CONTACT,
    FIELD,
    GONE,
    Call,
)
from tests.support.scripted import Answer, ScriptedTransport, make_session, reply

DELETIONS = [
    (Contacts, lambda it: it.delete(CONTACT)),
    (CustomFields, lambda it: it.delete(FIELD)),
]


@pytest.mark.looptime
@pytest.mark.parametrize(("noun", "call"), DELETIONS)
@pytest.mark.parametrize("answer", [reply(204), GONE])
async def test_a_deletion_is_repeated_after_a_lost_answer(
    noun: type[Any], call: Call, answer: Answer
) -> None:
    """A deletion succeeds whether or not the first attempt was executed."""
    transport = ScriptedTransport(TransportError("cut"), answer)
    await call(noun(make_session(transport)))
    assert [request.method for request in transport.sent] == ["DELETE", "DELETE"]


@pytest.mark.parametrize(("noun", "call"), DELETIONS)
async def test_an_unknown_id_cannot_be_deleted(noun: type[Any], call: Call) -> None:
    """A 404 for the first attempt is an error."""
    with pytest.raises(NotFoundError):
        await call(noun(make_session(ScriptedTransport(GONE))))


@pytest.mark.looptime
async def test_an_html_page_is_no_answer_to_a_deletion() -> None:
    """A page of a network portal with status 200 is an error."""
    page = reply(200, "<html>Please log in</html>", content_type="text/html")
    with pytest.raises(UnexpectedResponseError):
        await Contacts(make_session(ScriptedTransport(page))).delete(CONTACT)
