"""A process that sends mutants to a gateway, fifteen a link: python -m tests.feeds.hostile_process URL COUNT.

It makes them all, says "ready", and for each number it reads sends so many at a steady pace, then says how many the
gateway had looked at. It is as nice as can be: an attacker brings a processor of his own, ours is not his to take.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.feeds.parts import connected
from tests.feeds.test_mutants import fifteens, hear_one_answer_each, mutants

A_SECOND = 170  # mutants: ten thousand a minute


async def attack(url: str, batches: list[list[str]]) -> int:
    """These mutants; how many had been looked at when the beat behind them came back."""
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    for texts in batches:
        async with connected(url) as peer:
            await hear_one_answer_each(peer, texts)
        sent += len(texts)
        await asyncio.sleep(max(0.0, began + sent / A_SECOND - loop.time()))
    return sent


if __name__ == "__main__":
    os.nice(19)
    waiting = list(fifteens(mutants(int(sys.argv[2]))))
    print("ready", flush=True)
    for line in sys.stdin:
        links = -(-int(line) // 15)
        print(asyncio.run(attack(sys.argv[1], waiting[:links])), flush=True)
        del waiting[:links]
