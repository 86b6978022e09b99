"""From a URL to the place where grants are kept."""

from __future__ import annotations

from pathlib import Path

from cc_async.auth._token_store import TokenStore
from cc_async.errors import StoreError
from cc_async.stores import open_store


def open_token_store(url: str) -> TokenStore:
    """Return what *url* names: a plain file, the keyring, or a store.

    Args:
        url: `file:///PATH`, `keyring:`, or anything that `open_store` takes.

    Raises:
        StoreError: No such kind, or the extra it needs is not installed.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file" and rest.removeprefix("//"):
        from cc_async.auth._token_file import TokenFile

        return TokenFile(Path(rest.removeprefix("//")))
    if scheme == "keyring":
        try:
            from cc_async.auth._keyring import Keyring
        except ImportError as error:
            raise StoreError(
                f"the keyring needs a package that is not installed ({error.name})",
                "pip install 'cc-async[keyring]'",
            ) from error
        return Keyring()
    return open_store(url)
