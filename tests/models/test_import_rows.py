"""One contact of a bulk import."""

from __future__ import annotations

from cc_async.models import ImportRow


def test_an_import_row_keeps_copies() -> None:
    """Later changes of a caller's mapping or list change no row."""
    fields, lists = {"size": "42"}, ["News"]
    row = ImportRow("a@example.com", custom_fields=fields, lists=lists)  # type: ignore[arg-type]
    fields["size"] = "43"
    lists.append("Events")
    assert (row.custom_fields, row.lists) == ({"size": "42"}, ("News",))


def test_a_repr_shows_no_address_and_no_number() -> None:
    """A row can be logged."""
    row = ImportRow("ann@example.com", phone="555", work_street="1 Main St", sms_number="555")
    assert not any(text in repr(row) for text in ("ann@", "555", "Main"))
