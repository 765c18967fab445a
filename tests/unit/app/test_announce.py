from ipaddress import ip_address
from pathlib import Path

import pytest
from zeroconf import ServiceInfo

from app.announce import SERVER_TYPE, TYPES, Found, Service, found, installation_id, services

SERVICE = Service(host="::", port=8080, version="0.1.0", installation_id="0123456789abcdef" * 2)
ADDRESSES = [ip_address("192.0.2.1"), ip_address("fd00::1")]


def test_a_server_says_its_version_and_a_random_id_and_nothing_else() -> None:
    said = services(SERVICE, ADDRESSES)
    assert [info.type for info in said] == list(TYPES)
    for info in said:
        assert info.properties == {
            b"version": b"0.1.0",
            b"id": SERVICE.installation_id.encode(),
        }
        assert info.name == f"Revenge 01234567.{info.type}"
        assert info.port == 8080
        assert info.parsed_addresses() == ["192.0.2.1", "fd00::1"]


def test_no_two_runs_share_the_name_of_a_host() -> None:
    hosts = {info.server for _ in range(10) for info in services(SERVICE, ADDRESSES)}
    assert len(hosts) == 10


def test_what_a_server_announces_is_what_others_find() -> None:
    (info, _) = services(SERVICE, ADDRESSES)
    assert found(info) == Found(
        name="Revenge 01234567",
        version="0.1.0",
        installation_id=SERVICE.installation_id,
        addresses=["http://192.0.2.1:8080/", "http://[fd00::1]:8080/"],
    )


@pytest.mark.parametrize(
    ("properties", "version"),
    [
        (b"", ""),
        (b"\x08version=", ""),
        (b"\x07version", ""),
        (b"\x0cversion=\x1b[2J", "?[2J"),
        (b"\x0aversion=\xff\xfe", "\ufffd\ufffd"),
        (b"\xff" + b"version=" + b"9" * 247, "9" * 64),
        (b"\xff\x00\x01", ""),
    ],
)
def test_what_strangers_claim_cannot_draw_on_a_terminal(properties: bytes, version: str) -> None:
    name = f"\x9b31mred\u202e.{SERVER_TYPE}"
    link_local = ip_address("fe80::1").packed
    info = ServiceInfo(SERVER_TYPE, name, properties=properties, addresses=[link_local])
    assert found(info) == Found(name="?31mred?", version=version, installation_id="", addresses=[])


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 100, b"A" * 32, b"0" * 33])
def test_an_id_is_made_once_and_a_damaged_one_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "installation-id"
    made = installation_id(path)
    assert installation_id(path) == made
    path.write_bytes(content)
    assert installation_id(path) != made
    assert len(installation_id(path)) == 32
