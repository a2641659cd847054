"""Run the command line: ``python -m mall_segments``."""

import sys

from mall_segments.cli import main

if __name__ == "__main__":
    sys.exit(main())
