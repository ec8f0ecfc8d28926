"""Pages whose scripts are all files."""

import re
from pathlib import Path

import pytest

from build.errors import BuildError
from build.site_scripts import FOLDER, move_inline_scripts

PAGE = """<html><head><script src="/_next/a.js" async=""></script></head><body><script id="_R_">one()</script>
<script src="/_next/b.js" async=""></script><script>two("<b>")</script><script>one()</script></body></html>"""


def test_inline_scripts_become_files_in_their_places(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    move_inline_scripts(tmp_path)
    page = (tmp_path / "index.html").read_text()
    sources = re.findall(r'<script[^>]* src="/([^"]+)"[^>]*></script>', page)
    ours = [source for source in sources if source.startswith(FOLDER)]

    assert [(tmp_path / source).read_text() for source in ours] == ["one()", 'two("<b>")', "one()"]
    assert ours[0] == ours[2]  # the same script is the same file, in every page and release
    assert sources.index(ours[0]) == 1  # between the others, where it was
    assert '<script id="_R_" src=' in page
    assert not re.findall(rf"<script[^>]*{FOLDER}[^>]*(async|defer)", page)


@pytest.mark.parametrize(
    ("markup", "what"),
    [
        ('<script type="text/javascript">one()</script>', "an inline <script>"),
        ("<style>p { color: red }</style>", "an inline <style>"),
        ('<p style="color: red">', "the attribute style of <p>"),
        ('<p onclick="one()">', "the attribute onclick of <p>"),
        ('<a href=" javascript:one()">', "a script in href of <a>"),
    ],
)
def test_what_browsers_would_not_obey_fails_the_build(tmp_path: Path, markup: str, what: str) -> None:
    (tmp_path / "help.html").write_text(f"<html><body>{markup}</body></html>")
    with pytest.raises(BuildError, match=re.escape(f"help.html holds {what}")):
        move_inline_scripts(tmp_path)
