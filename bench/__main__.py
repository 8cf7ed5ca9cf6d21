"""Run one bench: `python -m bench NAME [options] --json`; the last line printed is one JSON object."""

import importlib
import sys

NAMES = (
    "live",
    "intake",
    "scale",
    "locate",
    "heat",
    "page",
    "desk",
    "duplicates",
    "map",
    "figures",
    "past",
    "soak",
    "soak-wall",
)


def main(argv: list[str]) -> int:
    """Hand over to bench/NAME.py, whose `main(argv)` measures ours and the naive peer in one run."""
    if not argv or argv[0] not in NAMES:
        print(f"usage: python -m bench {{{'|'.join(NAMES)}}} [--json] [options]", file=sys.stderr)
        return 2
    module = importlib.import_module(f"bench.{argv[0].replace('-', '_')}")
    return int(module.main(argv[1:]) or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
