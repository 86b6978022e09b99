"""Secret text."""

from __future__ import annotations

import pickle

from cc_async.wire import (
    Secret,
    SecretBytes,
)


def test_secrets_are_masked_and_still_work() -> None:
    """The `repr` of a secret is stars; its text, comparison and pickling are those of a string."""
    secret = Secret("abc")
    assert repr([secret, {"k": secret}, SecretBytes(b"abc")]) == "['***', {'k': '***'}, b'***']"
    assert (str(secret), f"Bearer {secret}", secret == "abc") == ("abc", "Bearer abc", True)
    assert pickle.loads(pickle.dumps(secret)) == "abc"
    assert isinstance(pickle.loads(pickle.dumps(secret)), Secret)
