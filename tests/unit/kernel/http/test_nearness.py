import pytest
from werkzeug.datastructures import Headers

from server.kernel.http.nearness import is_from_here


@pytest.mark.parametrize(
    ("address", "headers", "is_here"),
    [
        ("127.0.0.1", {"Host": "localhost:8080"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1"}, True),
        ("::1", {"Host": "[::1]:8080"}, True),
        ("::1", {"Host": "[::1]"}, True),
        ("192.168.1.5", {"Host": "localhost:8080"}, False),
        ("127.0.0.1", {"Host": "192.168.1.2:8080"}, False),
        ("127.0.0.1", {"Host": "media.example.org"}, False),
        ("127.0.0.1", {"Host": ""}, False),
        ("127.0.0.1", {}, False),
        ("127.0.0.1", {"Host": "localhost.example.org"}, False),
        ("127.0.0.1", {"Host": "localhost", "X-Forwarded-For": "127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost", "x-forwarded-proto": "https"}, False),
        ("127.0.0.1", {"Host": "localhost", "Forwarded": "for=127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost", "X-Real-IP": "127.0.0.1"}, False),
        ("127.0.0.1", {"Host": "localhost", "Via": "1.1 proxy"}, False),
        ("127.0.0.1", {"Host": "localhost", "CF-Connecting-IP": "127.0.0.1"}, False),
        ("", {"Host": "localhost"}, False),
        (None, {"Host": "localhost"}, False),
        ("<local>", {"Host": "localhost"}, False),
        ("unix:", {"Host": "localhost"}, False),
    ],
)
def test_only_who_asks_this_machine_itself_is_here(
    address: str | None, headers: dict[str, str], *, is_here: bool
) -> None:
    assert is_from_here(address, Headers(headers)) is is_here
