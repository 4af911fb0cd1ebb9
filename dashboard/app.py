"""The mission's ``dashboard/app.py``: the same dashboard at port 5000, the monitor left alone."""

import sys

try:
    from shopwatch.cli.main import main
except ModuleNotFoundError:
    sys.exit("Shopwatch is not set up here: run `make setup`, then `.venv/bin/python dashboard/app.py`")

if __name__ == "__main__":
    sys.exit(main(["serve", "--port", "5000", "--no-monitor", *sys.argv[1:]]))
