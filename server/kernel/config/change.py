"""What a file that was changed means for a server that runs."""

from msgspec import Struct, structs

from server.kernel.config.keys import KEYS, SECTIONS
from server.kernel.config.load import Loaded
from server.kernel.config.show import value_of


class Change(Struct, frozen=True, kw_only=True):
    """What holds from now on, the keys that are other than before, and those that wait for a restart."""

    loaded: Loaded
    changed: tuple[str, ...]
    waiting: tuple[str, ...]


def change(running: Loaded, fresh: Loaded) -> Change:
    """Return what becomes of a configuration that is in force when the file says something else."""
    others = [
        name for name in KEYS if value_of(running.config, name) != value_of(fresh.config, name)
    ]
    said = {name: one for name, one in running.said.items() if not KEYS[name].is_hot}
    said |= {name: one for name, one in fresh.said.items() if KEYS[name].is_hot}
    return Change(
        loaded=Loaded(
            config=_with_hot(running.config, fresh.config), said=said, warnings=fresh.warnings
        ),
        changed=tuple(name for name in others if KEYS[name].is_hot),
        waiting=tuple(name for name in others if not KEYS[name].is_hot and not KEYS[name].unread),
    )


def _with_hot[Section: Struct](old: Section, fresh: Section, prefix: str = "") -> Section:
    """Return a section with the new values of those keys that need no restart."""
    new = {}
    for field in structs.fields(old):
        name, was, now = prefix + field.name, getattr(old, field.name), getattr(fresh, field.name)
        if name in SECTIONS:
            new[field.name] = _with_hot(was, now, name + ".")
        elif KEYS[name].is_hot:
            new[field.name] = now
    return structs.replace(old, **new)
