"""The examples of the pages run as tests; what makes the site is not imported for that."""

collect_ignore = ["conf.py", "tables.py", "packages.py"]
