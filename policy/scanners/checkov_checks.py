"""Checkov's checks of CloudFormation. Through its runner, which unlike its command asks no server for anything."""

import json
import sys

from checkov.cloudformation.runner import Runner
from checkov.runner_filter import RunnerFilter


def main(files: list[str]) -> None:
    """Print what fails a check.

    Raises:
        RuntimeError: a template could not be read, and so was not judged.
    """
    report = Runner().run(root_folder="", files=files, runner_filter=RunnerFilter(framework=["cloudformation"]))
    if report.parsing_errors:
        raise RuntimeError(f"checkov cannot read {report.parsing_errors}")
    found = {(one.file_abs_path, one.check_id, one.resource.partition(".")[2]) for one in report.failed_checks}
    json.dump(sorted(found), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
