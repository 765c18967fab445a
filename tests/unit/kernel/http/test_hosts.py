import pytest

from server.kernel.http.hosts import host_check

IS_OURS = host_check(("films.example.org", "*.home.example.org"))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8080",
        "127.0.0.1:8080",
        "[::1]:8080",
        "192.168.1.5",
        "revenge",
        "nas.local:8080",
        "nas.fritz.lan",
        "Films.Example.ORG",
        "films.example.org.:443",
        "tv.home.example.org",
    ],
)
def test_names_of_home_networks_and_listed_names_are_ours(host: str) -> None:
    assert IS_OURS(host)


@pytest.mark.parametrize("host", ["", "evil.example.com", "127.0.0.1.evil.example", "[::1", ":80"])
def test_other_names_are_not(host: str) -> None:
    assert IS_OURS(host) is (host == "[::1")
