"""The command line's `programs` with a manifest of a test: MANIFEST WORD…"""

import sys
from pathlib import Path

from app.__main__ import _parser
from app.failure import StartFailed
from app.paths import find_paths
from app.programs import Shop, do
from bundled.manifest import offers


def main(manifest: str, *words: str) -> int:
    """Do what the words say, as the command line would."""
    shop = Shop(find_paths(), offers(Path(manifest)), allows_loopback=True)
    try:
        return do(_parser("revenge-server").parse_args(words), shop)
    except StartFailed as failure:
        sys.exit(f"revenge-server: {failure}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
