"""`python -m schema`: lint the database's revisions; part of `make lint`."""

import sys

from migrate.schema import SCRIPTS

from .lint import lint

findings = lint(SCRIPTS)
for finding in findings:
    sys.stderr.write(f"{finding}\n")
sys.exit(1 if findings else 0)
