"""A process that sends mutants to a gateway, fifteen a link: python -m tests.feeds.hostile_process URL COUNT."""

from __future__ import annotations

import asyncio
import sys

from tests.feeds.parts import connected
from tests.feeds.test_mutants import fifteens, hear_one_answer_each, mutants

A_SECOND = 170  # mutants: ten thousand a minute


async def attack(url: str, count: int) -> int:
    """Every mutant, at a steady pace; how many had been looked at when the beat behind them came back."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    for texts in fifteens(mutants(count)):
        async with connected(url) as peer:
            await hear_one_answer_each(peer, texts)
        sent += len(texts)
        await asyncio.sleep(max(0.0, began + sent / A_SECOND - loop.time()))
    return sent


if __name__ == "__main__":
    print(asyncio.run(attack(sys.argv[1], int(sys.argv[2]))))
