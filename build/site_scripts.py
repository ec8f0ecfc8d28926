"""Pages without inline scripts, so that the site's content policy can forbid them all.

Next.js writes a page's data and the first steps of its start into the page. Each such script becomes a file, named
after its content, and the page loads it in the same place: scripts without `async` run one after the other, as before.
"""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from flux_infra.constructs.site_manifest import HASHED_FILES

from .errors import BuildError

FOLDER = HASHED_FILES + "inline/"

_INLINE = re.compile(r"<script(?P<attributes>(?![^>]*\s(?:src|type)=)[^>]*)>(?P<script>.*?)</script>", re.DOTALL)


def move_inline_scripts(site: Path) -> None:
    """Rewrite every page of a site's folder.

    Raises:
        BuildError: a page holds something that the content policy forbids and that cannot be moved.
    """
    for page in sorted(site.rglob("*.html")):
        text = _INLINE.sub(lambda inline: _as_file(inline, site), page.read_text())
        forbidden = _Forbidden.found_in(text)
        if forbidden:
            raise BuildError(
                f"{page.relative_to(site)} holds {', '.join(forbidden)}: browsers would not obey it, because the "
                "site's content policy (flux_infra/frontend/headers.py) allows files only. Write it as a file."
            )
        page.write_text(text)


def _as_file(inline: re.Match[str], site: Path) -> str:
    script = inline["script"].encode()
    path = f"{FOLDER}{hashlib.sha256(script).hexdigest()[:16]}.js"
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    (site / path).write_bytes(script)
    return f'<script{inline["attributes"]} src="/{path}"></script>'


class _Forbidden(HTMLParser):
    """Collects what `script-src 'self'; style-src 'self'` stops a page from doing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def found_in(cls, page: str) -> list[str]:
        """The forbidden parts of a page, in words."""
        parser = cls()
        parser.feed(page)
        parser.close()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(f"an inline <{tag}>")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"the attribute {name} of <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"a script in {name} of <{tag}>")
