"""`python -m feeds send|replay`: clients of the public protocol, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Sequence

USAGE = """usage: python -m feeds {send,replay} …

  send    发送一条上报，打印回执 / send one report and print its ack
  replay  按时间重放一张表 / play a recorded table into a running room

python -m feeds send --help"""


def main(argv: Sequence[str]) -> int:
    """Hand over to the sub-command."""
    command, rest = (argv[0], argv[1:]) if argv else ("", [])
    if command == "send":
        from feeds import send  # noqa: PLC0415 — each sub-command loads only its own tools

        return send.main(rest)
    if command == "replay":
        from feeds import replay  # noqa: PLC0415

        return int(replay.main(rest) or 0)
    asked = command in ("-h", "--help")
    print(USAGE, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
