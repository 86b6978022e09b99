"""An import in a process whose files may not grow beyond a size, as on a full disk."""

from __future__ import annotations

import asyncio
import resource
import signal
import sys

from cc_async import ConstantContact, Limits, Network, RetryPolicy
from cc_async.errors import StoreError


async def main(url: str, path: str, size: int) -> int:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    async with ConstantContact(
        "sandbox-token",
        network=Network(base_url=url, timeout=1.0),
        limits=Limits(per_second=200),
        retry_policy=RetryPolicy(patience=0.5),
    ) as cc:
        await cc.contacts.find("somebody@example.com")  # the state file exists from here on
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        try:
            await cc.bulk.import_contacts(path, lists=["L0"])
        except StoreError as error:
            print(error, "|", error.hint)
            return 5
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
