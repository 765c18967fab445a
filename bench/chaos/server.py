"""The server with the drill's slice beside its own: python -m bench.chaos.server WORD."""

import os
import sys

import server.modules
from app import __main__ as program
from bench.chaos.marks import MODULE


def main() -> int:
    """Become the server; Ctrl-C at the drill's terminal is for the drill alone."""
    os.setpgid(0, 0)
    # read by the composition root, which is imported when the listeners are open
    vars(server.modules)["MODULES"] = (*server.modules.MODULES, MODULE)
    return program.server()


if __name__ == "__main__":
    sys.exit(main())
