"""Write the package's create_only.json anew: `.build/emulator-venv/bin/python local_aws/tests/create_only.py`.

Of every type that CloudFormation can make here, the properties that its schema in CloudFormation's registry calls
create-only, as cfn-lint carries the schemas. Of a property inside another the outer one alone could be named, which
would be too much, so it is left out.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import cfnlint

from local_aws.patches import install_all
from local_aws.resources import CREATE_ONLY
from local_aws.server import configure_ministack
from local_aws.settings import parse, use

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"


def known_types() -> list[str]:
    """Every type that CloudFormation can make here."""
    with tempfile.TemporaryDirectory() as state:
        told = parse(["--port=0", f"--state={state}"])
        use(told)
        configure_ministack(told)
        install_all()
        from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - it reads its environment

        return sorted(provisioners._RESOURCE_HANDLERS)  # noqa: SLF001 - listed in ministack.txt


def create_only(schema: Mapping[str, list[str]]) -> list[str]:
    """The outermost properties alone."""
    names = [pointer.removeprefix("/properties/") for pointer in schema.get("createOnlyProperties", [])]
    return sorted(name for name in names if "/" not in name)


def written() -> str:
    """The file's text, a line for each type."""
    digests: Mapping[str, str] = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    schemas = {
        kind: json.loads((SCHEMAS / "resources" / f"{digests[kind]}.json").read_text())
        for kind in known_types()
        if kind in digests
    }
    lines = [
        f" {json.dumps(kind)}: {json.dumps(names)}"
        for kind, schema in schemas.items()
        if (names := create_only(schema))
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    CREATE_ONLY.write_text(written())
