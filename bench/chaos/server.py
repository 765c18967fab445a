"""The server with the drill's slice beside its own: python -m bench.chaos.server WORD."""

import os
import sys

from app import __main__ as program
from app import house


def main() -> int:
    """Become the server; Ctrl-C at the drill's terminal is for the drill alone."""
    os.setpgid(0, 0)
    known = vars(house)
    imported = known["_import_server"]

    def with_marks() -> None:
        # here, behind the open listeners: the imports take as long as those of the server itself
        import server.modules
        from bench.chaos.marks import MODULE

        vars(server.modules)["MODULES"] = (*server.modules.MODULES, MODULE)
        imported()

    known["_import_server"] = with_marks
    return program.server()


if __name__ == "__main__":
    sys.exit(main())
