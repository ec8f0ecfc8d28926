"""The site: web/, exported by Next.js as static files."""

import base64
import hashlib
import re
import shutil
from pathlib import Path

from . import site_manifest, tools
from .errors import BuildError
from .inputs import hash_inputs

WEB = tools.PROJECT / "web"
SOURCES = ("src", "package.json", "package-lock.json", "next.config.ts", "tsconfig.json")

# A page's own scripts and nothing else: what is injected into it does not run. A browser obeys this policy and also the
# header that CloudFront sends, where `frame-ancestors` has to be.
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self' {inline}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)

# Written after `npm ci`, so that an unchanged lockfile installs nothing. Inside node_modules: deleted together with it.
INSTALLED = WEB / "node_modules" / ".flux-installed"


def inputs() -> str:
    """The hash of everything that decides the site's content."""
    return hash_inputs(trees=[*(WEB / source for source in SOURCES), Path(__file__), Path(site_manifest.__file__)])


def build(build_id: str, folder: Path) -> None:
    """Export the site into an empty folder.

    Args:
        build_id: appears in the site's addresses; made from the inputs, because Next.js's own is random.
        folder: becomes the root of the site.
    """
    _install()
    shutil.rmtree(WEB / ".next", ignore_errors=True)  # a cache of earlier sources is not among the inputs
    tools.run(
        [tools.node(), str(WEB / "node_modules" / "next" / "dist" / "bin" / "next"), "build"],
        what="Building the site",
        remedy="Correct the error below; `npm run build` in web/ shows it as well.",
        folder=WEB,
        environment={"FLUX_BUILD_ID": build_id, "NEXT_TELEMETRY_DISABLED": "1", "NODE_ENV": "production"},
    )
    exported = WEB / "out"
    if not (exported / "index.html").exists():
        raise BuildError(
            'Building the site failed: web/out/index.html was not written. Is `output: "export"` in next.config.ts?'
        )
    for page in exported.rglob("*.html"):
        page.write_text(with_content_policy(page.read_text()))
    shutil.copytree(exported, folder, dirs_exist_ok=True)
    shutil.rmtree(exported)
    manifest = site_manifest.SiteManifest.of(folder, release=build_id)
    (folder / site_manifest.NAME).write_text(manifest.text())


def with_content_policy(page: str) -> str:
    """A page whose Content-Security-Policy names the hashes of its inline scripts: Next.js starts pages with some."""
    digests = [hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(page)]
    allowed = " ".join(sorted({f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}))
    policy = CONTENT_POLICY.format(inline=allowed)
    head, found, rest = page.partition("<head>")
    if not found:
        raise BuildError(
            "A page of the site has no <head>: its content policy has no place. Look at the export in web/out."
        )
    return f'{head}{found}<meta http-equiv="Content-Security-Policy" content="{policy}"/>{rest}'


def _install() -> None:
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text() == lock:
        return
    tools.run(
        [tools.npm(), "ci", "--no-audit", "--no-fund"],
        what="Installing the site's packages",
        remedy="The npm registry must be reachable, and web/package-lock.json must agree with web/package.json.",
        folder=WEB,
    )
    INSTALLED.write_text(lock)
