"""A screen with a window manager and a panel, that nobody sees; a mouse and keys for it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.helpers.process import until

NEEDS = ("Xvfb", "openbox", "trayer", "xdotool", "import")
MISSING = [name for name in NEEDS if shutil.which(name) is None]
WIDTH_PX, HEIGHT_PX = 1280, 800
PANEL_PX = 28

needs_screen = pytest.mark.skipif(
    bool(MISSING), reason=f"no panel to be tried in: {', '.join(MISSING)} not found"
)


@dataclass(frozen=True)
class Screen:
    """One X display."""

    display: str

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to appear on it."""
        return {
            "DISPLAY": self.display,
            "QT_QPA_PLATFORM": "xcb",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "LC_ALL": "C.UTF-8",
        }

    def do(self, *words: str) -> str:
        """Use the mouse or the keys; return what xdotool says, nothing where it finds nothing."""
        command = ["xdotool", *words]
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def colours(self, x: int, y: int, width: int, height: int) -> set[str]:
        """Return the colours that are seen in a part of the screen."""
        return set(self._pixels(f"{width}x{height}+{x}+{y}").values())

    def place_of(self, colour: str) -> tuple[str, str] | None:
        """Return where a colour is seen below the panel, in the words of xdotool."""
        pixels = self._pixels(f"{WIDTH_PX}x{HEIGHT_PX}+0+0").items()
        places = [place for place, seen in pixels if seen == colour and place[1] > PANEL_PX]
        if not places:
            return None
        x, y = places[len(places) // 2]
        return str(x), str(y)

    def _pixels(self, crop: str) -> dict[tuple[int, int], str]:
        command = ["import", "-window", "root", "-crop", crop, "-depth", "8", "txt:-"]
        env = {**os.environ, **self.environment}
        lines = subprocess.check_output(command, env=env, text=True).splitlines()[1:]
        words = [line.split() for line in lines]
        return {tuple(map(int, one[0].rstrip(":").split(","))): one[2] for one in words}  # type: ignore[misc] # two numbers


def quit_from_menu(screen: Screen) -> None:
    """Click on the tray's mark with the right button, and choose the last line."""
    icon = (WIDTH_PX - PANEL_PX, 0, PANEL_PX, PANEL_PX)
    until(lambda: len(screen.colours(*icon)) > 4, what="the mark is in the panel")
    screen.do("mousemove", "0", str(HEIGHT_PX - 1))  # no tooltip
    below = (WIDTH_PX - 200, 40, 190, 200)
    until(lambda: len(screen.colours(*below)) == 1, what="nothing covers the place of the menu")
    x, y = str(WIDTH_PX - PANEL_PX // 2), str(PANEL_PX // 2)
    screen.do("mousemove", x, y, "click", "3")
    until(lambda: len(screen.colours(*below)) > 4, what="the menu is open")
    screen.do("key", "--delay", "50", "Up", "Return")


@contextmanager
def running_screen() -> Iterator[Screen]:
    """Run a screen until the block ends."""
    read, write = os.pipe()
    size = f"{WIDTH_PX}x{HEIGHT_PX}x24"
    words = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    with ExitStack() as stack:
        _start(stack, words, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as told:
            screen = Screen(f":{told.readline().strip()}")
        _start(stack, ["openbox"], screen)
        panel = "--edge top --align right --widthtype request --SetDockType true --height"
        _start(stack, ["trayer", *panel.split(), str(PANEL_PX)], screen)
        yield screen


def _start(
    stack: ExitStack, words: list[str], screen: Screen | None = None, pass_fds: tuple[int, ...] = ()
) -> None:
    env = {**os.environ, **(screen.environment if screen else {})}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(words, env=env, stdout=nothing, stderr=nothing, pass_fds=pass_fds)
    stack.callback(process.wait)
    stack.callback(process.terminate)
