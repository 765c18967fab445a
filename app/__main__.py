"""The command line: one word, one process. Each word imports only its own side."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.failure import StartFailed

_LAST_PORT = 65535
_LONGEST_LISTENING_S = 600


def main() -> int:
    """Run `revenge`: without a word it opens the tray."""
    return _run("revenge", sys.argv[1:] or ["tray"])


def server() -> int:
    """Run `revenge-server`."""
    return _run("revenge-server", sys.argv[1:])


def _run(program: str, words: Sequence[str]) -> int:
    _fill_standard_streams()
    chosen = _parser(program).parse_args(words)
    try:
        return _do(chosen)
    except StartFailed as failure:
        is_for_parent = chosen.word == "serve" and chosen.lifeline
        print(_line(failure) if is_for_parent else f"{program}: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _line(failure: StartFailed) -> str:
    import msgspec

    return msgspec.json.encode(failure.failure).decode()


def _fill_standard_streams() -> None:
    """Put /dev/null where a stream is closed: else the next file opened would become it and be printed to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 (stays open)


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Revenge, a media server.")
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    serve = words.add_parser("serve", help="run the server until it is stopped")
    serve.add_argument("--host", help="address to listen on, in place of server.host")
    serve.add_argument(
        "--port", type=_port, help="port to listen on, in place of server.port; 0 is any free one"
    )
    serve.add_argument(
        "--lifeline", action="store_true", help="stop when stdin ends; log to a file"
    )
    serve.add_argument(
        "--check", action="store_true", help="start everything on a free port, then stop"
    )
    words.add_parser("tray", help="run the server under an icon in the panel")
    setup = words.add_parser("setup", help="make the first administrator")
    setup.add_argument("--name", help="name of the administrator")
    setup.add_argument(
        "--language", choices=("en", "de"), default="en", help="language of the administrator"
    )
    user = words.add_parser("user", help="manage users").add_subparsers(dest="deed", required=True)
    reset = user.add_parser("reset", help="give a user a new password")
    reset.add_argument("name", metavar="NAME")
    config = words.add_parser("config", help="look at the configuration")
    config.add_argument("deed", choices=("check", "show", "docs"))
    discover = words.add_parser("discover", help="list the servers in this network")
    discover.add_argument("--seconds", type=_seconds, default=3.0, help="how long to listen")
    discover.add_argument("--json", action="store_true", help="print one JSON document")
    discover.add_argument("--lifeline", action="store_true", help="stop when stdin ends")
    diagnostics = words.add_parser("diagnostics", help="show what helps to find a fault")
    diagnostics.add_argument("--output", type=Path, metavar="FILE.zip", help="write it to a file")
    diagnostics.add_argument("--json", action="store_true", help="print one JSON document")
    _add_programs(words.add_parser("programs", help="install programs that Revenge can use"))
    keyring = words.add_parser("keyring", help="keep the windows' session; started by the tray")
    keyring.add_argument("deed", choices=("read", "keep", "forget"))
    words.add_parser("openapi", help="print the description of the API")
    words.add_parser("worker", help="do media work; started by the server")
    words.add_parser("version", help="print the version")
    return parser


def _add_programs(programs: argparse.ArgumentParser) -> None:
    deeds = programs.add_subparsers(dest="deed", required=True)
    show = deeds.add_parser("list", help="show what there is, and what is installed")
    install = deeds.add_parser("install", help="download and install a program")
    install.add_argument("--yes", action="store_true", help="do not ask")
    remove = deeds.add_parser("remove", help="remove a program")
    for deed in (install, remove):
        deed.add_argument("name", metavar="NAME")
    for deed in (show, install):
        deed.add_argument("--json", action="store_true", help="print JSON")


def _do(chosen: argparse.Namespace) -> int:
    match chosen.word:
        case "serve":
            return _serve(chosen)
        case "setup" | "user":
            return _console(chosen)
        case "discover":
            return _discover(chosen)
        case "config" | "diagnostics" | "keyring" | "programs":
            return _deed(chosen)
        case _:
            return _bare(chosen.word)


def _tray() -> int:
    try:
        from app.tray import run
    except ImportError as error:  # Qt needs libraries of the system that a server has no use for
        raise StartFailed(
            f"The windows cannot be opened ({error}). Type “revenge-server serve” to run without them."
        ) from error
    return run()


def _serve(chosen: argparse.Namespace) -> int:
    from app.serve import START_AGAIN, Options, run, start_again

    status = run(
        Options(
            host=chosen.host, port=chosen.port, has_lifeline=chosen.lifeline, is_check=chosen.check
        )
    )
    if status == START_AGAIN and os.name == "posix":  # elsewhere a new program is a new process
        start_again()
    return status


def _deed(chosen: argparse.Namespace) -> int:
    if chosen.word == "keyring":
        from app.system_keyring import do

        return do(chosen.deed)
    if chosen.word == "diagnostics":
        from app.diagnose import diagnose

        return diagnose(chosen.output, is_json=chosen.json)
    if chosen.word == "programs":
        from app.programs import do as do_with_program

        return do_with_program(chosen)
    from app.configuration import say

    return say(chosen.deed)


def _console(chosen: argparse.Namespace) -> int:
    import asyncio

    from app.console import reset_password, setup

    return asyncio.run(
        setup(chosen.name, chosen.language)
        if chosen.word == "setup"
        else reset_password(chosen.name)
    )


def _discover(chosen: argparse.Namespace) -> int:
    import asyncio

    import msgspec

    from app.announce import discover

    if chosen.lifeline:
        _end_with_stdin()
    found = asyncio.run(discover(chosen.seconds))
    if chosen.json:
        print(msgspec.json.encode({"items": found}).decode())
    elif found:
        for server in found:
            print(f"{server.name} ({server.version})", *server.addresses, sep="\n    ")
    else:
        print("No server answered.", file=sys.stderr)
    return 0


def _end_with_stdin() -> None:
    from app.lifeline import watch

    watch(lambda: os._exit(1))


def _bare(word: str) -> int:
    """Do a word that takes no others."""
    match word:
        case "tray":
            return _tray()
        case "worker":
            from app.worker import main as work

            return work()
        case "version":
            from server.kernel.version import VERSION

            print(VERSION)
        case _:
            from app.documents import openapi

            print(openapi(), end="")
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {_LAST_PORT}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_LISTENING_S:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds up to {_LONGEST_LISTENING_S}"
        )
    return seconds


if __name__ == "__main__":
    sys.exit(_run("revenge-server", sys.argv[1:] or ["tray"]))
