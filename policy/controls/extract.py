"""Take the lists of requirements out of prowler's wheel, so that nothing here depends on prowler.

A new version: `pip download --no-deps prowler==<version>`, then `python -m policy.controls.extract <wheel>`.
"""

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import TypedDict, cast

from .written import WrittenStandard, path_of

# Our name of the standard -> (its title, prowler's file).
_TAKEN = {
    "fsbp": ("AWS Foundational Security Best Practices", "aws_foundational_security_best_practices_aws.json"),
    "cis": ("CIS Amazon Web Services Foundations Benchmark 7.0.0", "cis_7.0_aws.json"),
}


class _Attribute(TypedDict):
    Section: str


class _Found(TypedDict):
    Id: str
    Name: str
    Description: str
    Attributes: list[_Attribute]


def extract(wheel: Path) -> dict[str, WrittenStandard]:
    """Return every standard that we take, by our name.

    Raises:
        KeyError: the wheel lacks one of the files; another version may have renamed it.
    """
    name, version = wheel.name.split("-")[:2]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    taken: dict[str, WrittenStandard] = {}
    with zipfile.ZipFile(wheel) as files:
        for short_name, (title, file) in _TAKEN.items():
            path = f"prowler/compliance/aws/{file}"
            found = cast("dict[str, list[_Found]]", json.loads(files.read(path)))["Requirements"]
            taken[short_name] = {
                "name": title,
                "source": f"{name} {version} (PyPI, sha256 {digest}), {path}",
                "licence": "Apache-2.0",
                "requirements": [
                    {
                        "id": item["Id"],
                        "title": item.get("Name") or item["Description"],
                        "service": item["Attributes"][0]["Section"],
                    }
                    for item in found
                ],
            }
    return taken


if __name__ == "__main__":
    for short_name, standard in extract(Path(sys.argv[1])).items():
        path_of(short_name).write_text(json.dumps(standard, indent=1, ensure_ascii=False) + "\n")
