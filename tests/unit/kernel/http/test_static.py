from pathlib import Path

import pytest
from quart import Quart, Response, request
from quart.typing import TestClientProtocol as Client

from server.kernel.http.static import CONTENT_SECURITY_POLICY, Site


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>Revenge</title>")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets" / "main-abc.js").write_text("console.log(1)")
    (dist / "assets" / "subtitles-abc.wasm").write_bytes(b"\0asm")
    (tmp_path / "secret.txt").write_text("secret")
    return dist


def client_of(dist: Path) -> Client:
    app = Quart(__name__, static_folder=None)
    site = Site(dist)

    @app.get("/")
    @app.get("/<path:path>")
    async def page(path: str = "") -> Response:
        return await site.answer(request._get_current_object())

    return app.test_client()


@pytest.fixture
def client(dist: Path) -> Client:
    return client_of(dist)


@pytest.mark.parametrize(
    "path", ["/", "/index.html", "/movies/0198-7", "/setup", "/movies/", "/a/b/c"]
)
async def test_client_paths_get_the_page_with_its_policy(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert await answer.get_data(as_text=True) == "<title>Revenge</title>"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "media_type", "cache_control"),
    [
        (
            "/assets/main-abc.js",
            "text/javascript; charset=utf-8",
            "public, max-age=31536000, immutable",
        ),
        ("/assets/subtitles-abc.wasm", "application/wasm", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
    ],
)
async def test_files_say_what_they_are_and_how_long_they_last(
    client: Client, path: str, media_type: str, cache_control: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == cache_control


async def test_an_unchanged_page_is_not_sent_again(client: Client) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, await again.get_data(as_text=False)) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-abc.js",
        "/assets/",
        "/assets/../index.html",
        "/robots.txt",
        "/.env",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//etc/passwd.txt",
        "/..\\secret.txt",
        "/secret.txt%00",
    ],
)
async def test_unknown_files_and_paths_outside_are_not_found(client: Client, path: str) -> None:
    answer = await client.get(path)
    body = await answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "secret" not in body


async def test_a_file_that_appears_later_is_unknown(client: Client, dist: Path) -> None:
    (dist / "later.txt").write_text("later")
    assert (await client.get("/later.txt")).status_code == 404


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    answer = await client_of(tmp_path / "absent").get("/")
    assert answer.status_code == 503
    assert "python3 dev.py run" in await answer.get_data(as_text=True)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


async def test_a_build_that_is_taken_away_says_the_same(client: Client, dist: Path) -> None:
    (dist / "index.html").unlink()
    answer = await client.get("/")
    assert answer.status_code == 503
