"""cfn-lint: what CloudFormation would refuse, and what it would take but should not."""

import json
import sys

from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

REGION = "us-east-1"  # where CloudFront's firewall must be, and so every environment


def main(files: list[str]) -> None:
    """Print every match; one outside of a resource has no logical id."""
    found = set()
    for match in Runner(ConfigMixIn(regions=[REGION], templates=files)).run():
        in_resource = len(match.path) > 1 and match.path[0] == "Resources"
        found.add((match.filename, match.rule.id, str(match.path[1]) if in_resource else ""))
    json.dump(sorted(found), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
