from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from server.kernel.http.addresses import qr_code


@pytest.mark.parametrize(
    "text", ["http://192.0.2.20:8080/", "http://[2001:db8:1234:5678:9abc:def0:1234:5678]:65535/"]
)
def test_a_code_is_a_picture_with_a_light_edge_and_of_any_size(text: str) -> None:
    kind, _, picture = qr_code(text).partition(",")
    assert kind.startswith("data:image/svg+xml")
    root = ET.fromstring(unquote(picture))  # noqa: S314 (our own)
    assert "viewBox" in root.attrib
    assert "width" not in root.attrib
    assert "#fff" in picture or "%23fff" in picture
