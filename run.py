"""The mission's entry point; see ``run.py --help``. Everything is ``shopwatch``."""

import sys

try:
    from shopwatch.cli.mission import main
except ModuleNotFoundError:
    sys.exit("Shopwatch is not set up here: run `make setup`, then `.venv/bin/python run.py`")

if __name__ == "__main__":
    sys.exit(main())
