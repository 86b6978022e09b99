"""An import or a sign-up in a process whose lease lasts two seconds, so that a test can outwait it."""

from __future__ import annotations

import asyncio
import sys

from cc_async import ConstantContact, ImportOptions, Limits, Network
from cc_async.jobs import _lease

_lease._LIFE, _lease._BEAT, _lease._SURE = 2.0, 0.5, 1.0


async def main(url: str, path: str, kind: str) -> None:
    async with ConstantContact(
        "sandbox-token", network=Network(base_url=url, timeout=5.0), limits=Limits(per_second=2)
    ) as cc:
        if kind == "import":
            options = ImportOptions(send_as="csv")
            await cc.bulk.import_contacts(path, lists=["L0"], options=options)
            return
        async with cc.bulk.sign_up(path, lists=["L0"], consent="explicit") as outcomes:
            async for _ in outcomes:
                pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3]))
