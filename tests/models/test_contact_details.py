"""The properties that a contact, a sign-up and an import row share."""

from __future__ import annotations

import attrs
import pytest

from cc_async.models import Contact, ImportRow, SignUp


@pytest.mark.parametrize("model", [Contact, ImportRow, SignUp])
def test_the_shared_properties_are_given_by_name(model: type) -> None:
    """Models that share properties begin with fields of their own."""
    first = next(field for field in attrs.fields(model) if not field.kw_only)
    assert first.name in ("email_address", "email")
    assert attrs.fields_dict(model)["first_name"].kw_only
