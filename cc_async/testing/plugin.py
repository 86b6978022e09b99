"""Old place of the pytest plugin, for environments installed before it moved."""

from pytest_cc_async import *  # noqa: F403
