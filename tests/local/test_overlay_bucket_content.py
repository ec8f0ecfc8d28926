import io
import zipfile

from flux_infra.local.overlay.bucket_content import Filters, Source, content_type


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.mkdir("folder")
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def test_without_filters_every_file_takes_part() -> None:
    assert Filters().admit("index.html")


def test_an_inclusion_brings_back_what_an_exclusion_left_out() -> None:
    filters = Filters(exclude=["*"], include=["_next/static/*"])
    assert filters.admit("_next/static/chunks/main-1a2b.js")
    assert not filters.admit("index.html")


def test_an_exclusion_alone_leaves_the_others() -> None:
    filters = Filters(exclude=["_next/static/*"])
    assert filters.admit("index.html")
    assert not filters.admit("_next/static/chunks/main-1a2b.js")


def test_folders_are_no_files() -> None:
    assert dict(Source(archive=archive({"folder/a.txt": b"a"})).files()) == {"folder/a.txt": b"a"}


def test_placeholders_are_filled_in() -> None:
    source = Source(archive=archive({"settings.js": b"api = '<<marker:0>>'"}), markers={"<<marker:0>>": "https://a"})
    assert dict(source.files()) == {"settings.js": b"api = 'https://a'"}


def test_placeholders_in_json_are_escaped_when_asked() -> None:
    source = Source(archive=archive({"a.json": b'{"a": "<<m>>"}'}), markers={"<<m>>": 'say "hi"'}, escape=True)
    assert dict(source.files()) == {"a.json": b'{"a": "say \\"hi\\""}'}


def test_the_type_follows_from_the_name() -> None:
    assert content_type("a/index.html") == "text/html"
    assert content_type("a/unknown") == "binary/octet-stream"
