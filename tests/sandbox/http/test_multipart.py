"""Forms with files are parsed, and damaged ones refused."""

from __future__ import annotations

import orjson
import pytest

from tests.support.sandbox_calls import make_caller


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"--edge--"),
        ("multipart/form-data; boundary=edge", b"email\na@example.com"),
        ("multipart/form-data; boundary=edge", b""),
        ("multipart/form-data; boundary=edge", b"--edge\r\n[]--edge--\r\n"),
    ],
)
def test_a_damaged_form_is_refused(content_type: str, body: bytes) -> None:
    """The reply is 415 in the documented words."""
    reply = make_caller().send(
        "POST", "/activities/contacts_file_import", body, {"Content-Type": content_type}
    )
    message = "Wrong file format, upload file must be of type .csv"
    assert reply.status == 415
    assert orjson.loads(reply.body)[0]["error_message"] in {message, "Unsupported Media Type"}
