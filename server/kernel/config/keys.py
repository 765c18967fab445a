"""The keys of the configuration as a flat list, read from the Struct tree: `server.port` and its kin."""

import difflib
from collections.abc import Iterable, Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from msgspec import Meta, Struct, structs

from server.kernel.config.model import Config
from server.kernel.secret import Secret, SecretUrl

Kind = Literal["text", "number", "switch", "choice", "list", "secret", "secret URL"]
PREFIX: Final = "REVENGE_"

OTHER_VARIABLES: Final = {
    "REVENGE_CONFIG_FILE": "The configuration file; it must then be there.",
    "REVENGE_DATA_DIR": "The folder that holds everything the server keeps.",
    "REVENGE_POSTGRES_BIN": "The folder with the programs of another PostgreSQL (`initdb`, `postgres`).",
    "REVENGE_SECRETS_FILE": "Accepted, not used yet: a file with the server's own keys, for machines without a keyring.",
    "REVENGE_TYPESENSE_BIN": "The program of Typesense, where it is not `typesense-server` on PATH.",
}
TEST_PREFIX: Final = "REVENGE_TEST_"


class Key(Struct, frozen=True, kw_only=True):
    """One leaf of the tree; `variables` are its environment names, the systematic one first."""

    name: str
    type: Any
    kind: Kind
    default: Any
    meta: Meta
    extra: dict[str, Any]
    choices: tuple[str, ...]
    variables: tuple[str, ...]

    @property
    def is_secret(self) -> bool:
        """Whether the value must not be shown, and may come from a file by `<variable>_FILE`."""
        return self.kind in {"secret", "secret URL"}

    @property
    def is_hot(self) -> bool:
        """Whether a server that runs takes over a new value from the file."""
        return bool(self.extra["reload"] == "hot")

    @property
    def unread(self) -> str | None:
        """Why this version does not read the value, None where it does."""
        why: str | None = self.extra.get("unread")
        return why


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like this one."""
    return difflib.get_close_matches(name[:100], known, n=1, cutoff=0.0)[0]


def _keys(section: type[Struct], prefix: str = "") -> Iterator[Key]:
    for field in structs.fields(section):
        name = prefix + field.name
        if get_origin(field.type) is Annotated:
            yield _key(name, field)
        else:
            yield from _keys(field.type, name + ".")


def _key(name: str, field: structs.FieldInfo) -> Key:
    bare, meta = get_args(field.type)
    if isinstance(bare, UnionType):
        bare = next(arg for arg in get_args(bare) if arg is not NoneType)
    extra = meta.extra
    systematic = PREFIX + name.upper().replace(".", "_")
    return Key(
        name=name,
        type=field.type,
        kind=_kind(bare),
        default=field.default,
        meta=meta,
        extra=extra,
        choices=get_args(bare) if get_origin(bare) is Literal else (),
        variables=(systematic, extra["env"]) if "env" in extra else (systematic,),
    )


def _kind(bare: Any) -> Kind:
    origin = get_origin(bare)
    if origin is Literal:
        return "choice"
    if origin is tuple:
        return "list"
    kinds: dict[Any, Kind] = {
        str: "text",
        int: "number",
        bool: "switch",
        Secret: "secret",
        SecretUrl: "secret URL",
    }
    return kinds[bare]


KEYS: Final = {key.name: key for key in _keys(Config)}
SECTIONS: Final = frozenset(
    name.rsplit(".", depth)[0] for name in KEYS for depth in range(1, name.count(".") + 1)
)
VARIABLES: Final = {variable: key for key in KEYS.values() for variable in key.variables}
FILE_VARIABLES: Final = {
    f"{variable}_FILE": variable for variable, key in VARIABLES.items() if key.is_secret
}
