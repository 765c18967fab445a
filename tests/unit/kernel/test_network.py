from ipaddress import ip_address

import pytest

from server.kernel.network import http_url, reached

OWN = [
    "127.0.0.1",
    "::1",
    "172.17.0.1",
    "192.0.2.20",
    "169.254.7.7",
    "2001:db8::20",
    "fd00::20",
    "fe80::20%eth0",
]


def reached_on(host: str, *, usual: tuple[str, ...] = ()) -> list[str]:
    own = [ip_address(one) for one in OWN]
    return [str(one) for one in reached(host, own=own, usual=[ip_address(one) for one in usual])]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", ["169.254.7.7", "172.17.0.1", "192.0.2.20"]),  # noqa: S104
        ("::", ["169.254.7.7", "172.17.0.1", "192.0.2.20", "2001:db8::20", "fd00::20"]),
        ("192.0.2.20", ["192.0.2.20"]),
        ("fd00::20", ["fd00::20"]),
        ("127.0.0.1", []),
        ("::1", []),
        ("fe80::20%eth0", []),
        ("198.51.100.9", []),
    ],
)
def test_others_reach_what_listens_beyond_loopback(host: str, expected: list[str]) -> None:
    assert reached_on(host) == expected


def test_the_address_that_the_machine_itself_uses_comes_first() -> None:
    found = reached_on("::", usual=("192.0.2.20", "fd00::20"))
    assert found[:2] == ["192.0.2.20", "fd00::20"]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("192.0.2.20", "http://192.0.2.20:8080/"), ("fd00::20", "http://[fd00::20]:8080/")],
)
def test_an_address_of_version_six_stands_in_brackets(address: str, expected: str) -> None:
    assert http_url(address, 8080) == expected
