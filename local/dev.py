"""`make dev`: what is edited in this folder is live on this machine seconds later."""

import json
import re
import time
import zipfile
from collections.abc import Collection
from pathlib import Path

from watchfiles import watch

from build.manifest import Manifest
from flux_infra.constructs.names import ALIAS, LAYERS
from flux_infra.environments import LOCAL
from ops.site import SiteError, built_site

from . import machine, services
from .console import Explained, Interrupted, StepFailed, explain, say
from .dev_site import next_dev
from .platform import Platform
from .toolkit import STAGE, Assembly
from .up import build, deploy

WATCHED = ("lambdas", "flux_infra", "model", "web/src", "app.py", "cdk.json")

_NEXT = machine.ASSEMBLY.with_name("cdk.out.next")
_BUCKET = "cdk-hnb659fds-assets-{account}-{region}"  # the CDK CLI's own


def dev() -> None:
    """Bring every edit of a function, a template, the model or the site to the platform of this machine.

    Raises:
        StepFailed: the platform cannot be started.
    """
    if not services.running():
        deploy()
    platform = Platform.deployed()
    with next_dev(platform) as preview:
        say(f"Watching {', '.join(WATCHED)}. Ctrl-C stops watching, and the platform goes on.")
        say(f"  deployed site      {platform.site_url}/")
        say(f"  next dev, hot      {preview}/   (its /api is the deployed one)")
        try:
            for changes in watch(*(machine.ROOT / each for each in WATCHED), debounce=300):
                _bring(platform, {Path(path).relative_to(machine.ROOT).as_posix() for _, path in changes})
        except (KeyboardInterrupt, Interrupted):
            say("\nStopped watching. The platform still runs; 'make down' ends it.")


def _bring(platform: Platform, paths: Collection[str]) -> None:
    """Build and move what changed files belong to, and say it in one line; a failure is said, and watching goes on."""
    started = time.monotonic()
    edited = ", ".join(sorted(paths))
    say(f"{edited} ...")
    try:
        done = [*_functions(platform, paths), *_stacks(paths), *_site(platform, paths)]
    except StepFailed as failure:
        explain(failure, edited)
    except (Explained, SiteError) as error:
        say(str(error))
    else:
        for line in done or ["nothing to bring: what runs is what the folder says"]:
            say(f"{time.monotonic() - started:5.1f} s  {line}")


def _functions(platform: Platform, paths: Collection[str]) -> list[str]:
    """Give the functions whose bundles changed their new code, past CodeDeploy and CloudFormation."""
    if not any(path.startswith("lambdas/") for path in paths):
        return []
    before = Manifest.read(machine.BUILD).functions
    build("--only", "functions")
    after = Manifest.read(machine.BUILD).functions
    changed = {name: machine.BUILD / built["path"] for name, built in after.items() if before.get(name) != built}
    pages = platform.functions.get_paginator("list_functions").paginate()
    # A bundle's handler is named after it, like api.handler.handler; the rotations share one bundle.
    targets = [
        (function["FunctionName"], bundle)
        for page in pages
        for function in page["Functions"]
        if (bundle := function.get("Handler", "").partition(".")[0]) in changed
    ]
    for bundle in sorted({bundle for _, bundle in targets}):
        _upload(platform, bundle, changed[bundle])
    versions = {bundle: _release(platform, function, bundle) for function, bundle in targets}
    if not versions:
        return []
    moved = ", ".join(f"{bundle} is version {version}" for bundle, version in versions.items())
    return [f"{moved}, all at once. 'cdk diff' shows it until 'make up' deploys it"]


def _release(platform: Platform, function: str, bundle: str) -> str:
    """Publish the uploaded bundle and let `live` name it; answers the version."""
    published = platform.functions.update_function_code(
        FunctionName=function, S3Bucket=_bucket(), S3Key=f"dev/{bundle}.zip", Publish=True
    )["Version"]
    platform.functions.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=published)
    return published


def _upload(platform: Platform, bundle: str, folder: Path) -> None:
    archive = machine.STATE / "dev.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:  # it travels no further than this machine
        for file in sorted(folder.rglob("*")):
            opened.write(file, file.relative_to(folder))
    platform.files.upload_file(str(archive), _bucket(), f"dev/{bundle}.zip")
    archive.unlink()


def _bucket() -> str:
    return _BUCKET.format(account=LOCAL.account, region=LOCAL.region)


def _stacks(paths: Collection[str]) -> list[str]:
    """Deploy the stacks whose templates changed, and no other."""
    if not any(path.startswith(("flux_infra/", "model/", "lambdas/migrations/")) or "/" not in path for path in paths):
        return []
    if any(path.startswith("model/") for path in paths):
        build("--only", "model")
    synthesized = Assembly.synthesize(_NEXT)
    before, after = _templates(machine.ASSEMBLY), _templates(_NEXT)
    changed = [layer for layer in LAYERS if before.get(layer) != after[layer]]
    if not changed:
        return ["no template has changed"]
    synthesized.deploy(*(f"{STAGE}/{layer}" for layer in changed))
    synthesized.replace(machine.ASSEMBLY)
    return [f"{', '.join(changed)} deployed"]


def _templates(assembly: Path) -> dict[str, str]:
    """The template of each layer, by its name; without the hashes of bundles, which `_functions` moves by itself."""
    (manifest,) = assembly.glob("assembly-*/manifest.json")
    artifacts = json.loads(manifest.read_text())["artifacts"].values()
    templates = {
        artifact["displayName"].rpartition("/")[2]: (
            manifest.parent / artifact["properties"]["templateFile"]
        ).read_text()
        for artifact in artifacts
        if artifact["type"] == "aws:cloudformation:stack"
    }
    return templates | {"Compute": re.sub("[0-9a-f]{32,64}", "", templates["Compute"])}


def _site(platform: Platform, paths: Collection[str]) -> list[str]:
    """Build the site and publish it; `next dev` has shown the edit by then."""
    if not any(path.startswith("web/") for path in paths):
        return []
    build("--only", "site")
    published = platform.site.publish(built_site())
    return [f"site {published.release} is live, {published.uploaded} files uploaded"]
