"""The built browser client: a closed set of files, found once at start and served as they are."""

import mimetypes
from pathlib import Path
from typing import Final

from quart import Request, Response

from server.kernel.http.stream import FileMissing, FileReply, respond

IMMUTABLE: Final = "public, max-age=31536000, immutable"
REVALIDATED: Final = "no-cache"
ASSETS: Final = "/assets/"

# 'wasm-unsafe-eval' and blob: workers are for subtitles drawn by WebAssembly, blob: media for MSE.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# Beyond those that the application gives to each answer (nosniff, Referrer-Policy, ...).
PAGE_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOT_BUILT: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Revenge</title>
<h1>The server runs, but its pages are not built.</h1>
<p>Stop it and start it with <code>python3 dev.py run</code>, which builds them first.</p>
</html>
"""

# Not left to the registry of the system: Windows calls JavaScript text/plain on some computers.
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


class Site:
    """Answers every path of the browser client; paths that name no file get `index.html`.

    Only files that were there at the start are known, by their whole path: nothing that a client
    writes ever becomes a path on disk.
    """

    def __init__(self, dist_dir: Path) -> None:
        self._files = {
            "/" + path.relative_to(dist_dir).as_posix(): _reply(path, dist_dir)
            for path in dist_dir.rglob("*")
            if path.is_file()
        }

    async def answer(self, request: Request) -> Response:
        """Return the file, the page, 404 for what looks like a file, or how to build the pages."""
        index = self._files.get("/index.html")
        reply = self._files.get(request.path)
        if reply is None and not _names_a_file(request.path):
            reply = index
        if index is None:
            return _page(NOT_BUILT, 503, "text/html; charset=utf-8")
        if reply is None:
            return _page("Not found\n", 404, "text/plain; charset=utf-8")
        try:
            response = await respond(reply, request)
        except FileMissing:
            return _page(NOT_BUILT, 503, "text/html; charset=utf-8")
        response.headers.update(PAGE_HEADERS)
        return response


def _reply(path: Path, dist_dir: Path) -> FileReply:
    is_hashed = path.is_relative_to(dist_dir / ASSETS.strip("/"))
    guessed = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return FileReply(
        path=path,
        media_type=guessed or "application/octet-stream",
        cache_control=IMMUTABLE if is_hashed else REVALIDATED,
    )


def _names_a_file(path: str) -> bool:
    return path.startswith(ASSETS) or "." in path.rpartition("/")[2]


def _page(text: str, status: int, content_type: str) -> Response:
    headers = {**PAGE_HEADERS, "Content-Type": content_type, "Cache-Control": "no-store"}
    return Response(text, status, headers)
