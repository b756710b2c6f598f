"""``python -m benchmarks [NAME] [--rows N] [--times N]``: measure one part, or all of them."""

import argparse
import importlib
import sys

from benchmarks import ground

NAMES = ("issues", "forums", "screen", "follow-up")


def main() -> int:
    """Measure what the command line names, on a database of its own."""
    arguments = _arguments()
    ground.start()
    for name in [arguments.name] if arguments.name else NAMES:
        # Only now: its modules need the settings.
        module = importlib.import_module(f"benchmarks.{name.replace('-', '_')}")
        sys.stdout.write(f"{module.run(rows=arguments.rows, times=arguments.times)}\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split(":", 1)[1])
    parser.add_argument("name", nargs="?", choices=NAMES, help="what to measure; all where unset")
    parser.add_argument("--rows", type=int, default=100_000, help="how many rows are generated")
    parser.add_argument("--times", type=int, default=20, help="how often each thing is done")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
