"""The files for type checkers are read, and never imported."""

collect_ignore = ["right.py", "wrong.py"]
