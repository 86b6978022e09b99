"""An import or a bulk sign-up of a file in a process of its own, for one account of several.

The process says when it is ready, and begins when it is told to.
"""

from __future__ import annotations

import asyncio
import sys

from cc_async import ConstantContact, Limits, Network

PER_SECOND = 20


def account_client(url: str, store: str, token: str) -> ConstantContact:
    """Return a client that shares *store* with clients of other accounts."""
    return ConstantContact(
        token,
        network=Network(base_url=url, timeout=2.0),
        stores=store,
        limits=Limits(per_second=PER_SECOND, per_day=1_000_000),
        settle_seconds=0.3,
    )


async def main(kind: str, url: str, store: str, token: str, path: str) -> None:
    async with account_client(url, store, token) as cc:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        if kind == "import":
            await cc.bulk.import_contacts(path, lists=["L0"])
            return
        async with cc.bulk.sign_up(path, lists=["L0"], consent="explicit") as outcomes:
            async for _ in outcomes:
                pass


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
