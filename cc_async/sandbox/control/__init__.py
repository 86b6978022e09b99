"""Control of the sandbox from outside the API: in Python, over HTTP, and by its page."""

from ._account_control import AccountControl
from ._site import answer_site

__all__ = ["AccountControl", "answer_site"]
