"""`python -m dynclient` is the command line."""

import sys

from dynclient.cli import main

if __name__ == "__main__":
    sys.exit(main())
