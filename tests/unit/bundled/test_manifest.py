"""The programs that may be installed, as they are written down."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from bundled.manifest import Offer, offers

MANIFEST = Path(__file__).parents[3] / "bundled" / "manifest.toml"
OFFERS = {one.name: one for one in offers()}


@pytest.mark.parametrize(
    ("name", "system", "machine", "member"),
    [
        ("dragonfly", "linux", "x86_64", "dragonfly-x86_64"),
        ("dragonfly", "linux", "aarch64", "dragonfly-aarch64"),
        ("dragonfly", "darwin", "arm64", None),
        ("dragonfly", "win32", "AMD64", None),
        ("typesense", "linux", "x86_64", "typesense-server"),
        ("typesense", "linux", "aarch64", "typesense-server"),
        ("typesense", "darwin", "arm64", "typesense-server"),
        ("typesense", "darwin", "x86_64", "typesense-server"),
        ("typesense", "linux", "armv7l", None),
        ("typesense", "win32", "AMD64", None),
        ("typesense", "freebsd14", "amd64", None),
    ],
)
def test_each_machine_gets_the_build_for_it(
    name: str, system: str, machine: str, member: str | None
) -> None:
    release = OFFERS[name].release(system, machine)
    assert (release.member if release else None) == member


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_what_is_offered_is_of_one_version_and_asked_for_with_encryption(offer: Offer) -> None:
    addresses = {one.url for one in offer.releases}
    assert len(addresses) == len({one.sha256 for one in offer.releases}) == len(offer.releases)
    for address in (*addresses, offer.license_url):
        assert urlsplit(address).scheme == "https"
        assert offer.version in address


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "typesense"', 'name = "../typesense"'),
        ('name = "typesense"', 'name = "type_sense"'),
        ('version = "30.2"', 'version = ".."'),
        ('program = "typesense-server"', 'program = "/bin/sh"'),
        ('machine = "arm64"', 'machine = "arm"'),
        ('sha256 = "cd', 'sha256 = "'),
        ('sha256 = "cd', 'sha256 = "CD'),
        ("license = ", "licence = "),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = MANIFEST.read_text()
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new))
    with pytest.raises(msgspec.ValidationError):
        offers(path)
