import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.config import (
    KEYS,
    Config,
    ConfigInvalid,
    Loaded,
    Problem,
    check,
    docs,
    load,
    read_config_file,
    show,
    value_of,
)
from server.kernel.secret import Secret, SecretUrl
from tests.helpers.configuration import sample

DATABASE_URL = "postgres://revenge:hunter2@db:5432/revenge"


def loaded(yaml_text: str | None = None, /, **env: str) -> Loaded:
    return load(env, yaml_text, source="config.yaml")


def problems(yaml_text: str | None = None, /, **env: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigInvalid) as caught:
        loaded(yaml_text, **env)
    return [(found.code, found.where) for found in caught.value.problems]


def only(yaml_text: str | None = None, /, **env: str) -> Problem:
    with pytest.raises(ConfigInvalid) as caught:
        loaded(yaml_text, **env)
    (found,) = caught.value.problems
    return found


# Precedence


@given(
    env=st.none() | st.just("") | st.integers(1, 65_535).map(str),
    file=st.none() | st.just("") | st.integers(1, 65_535).map(str),
)
def test_environment_wins_over_file_wins_over_default(env: str | None, file: str | None) -> None:
    text = None if file is None else f"server:\n  port: {file}\n"
    result = load({} if env is None else {"REVENGE_SERVER_PORT": env}, text, source="c")
    assert result.config.server.port == int(env or file or 8080)
    assert result.where("server.port") == (
        "REVENGE_SERVER_PORT" if env else "c:2" if file else "default"
    )
    assert ("server.port" in result.places) is bool(env or file)


@pytest.mark.parametrize(
    ("name", "variable"), [(key.name, name) for key in KEYS.values() for name in key.variables]
)
def test_every_key_is_read_from_each_of_its_variables_and_from_the_file(
    name: str, variable: str
) -> None:
    *sections, leaf = name.split(".")
    tree: Any = {leaf: sample(name)}
    for section in reversed(sections):
        tree = {section: tree}
    from_env = loaded(None, **{variable: sample(name)})
    from_file = loaded(json.dumps(tree))
    assert value_of(from_env.config, name) == value_of(from_file.config, name)
    assert from_env.places == {name: variable}
    assert from_file.places == {name: "config.yaml:1"}


def test_the_contracts_example_is_accepted() -> None:
    result = loaded(
        None,
        REVENGE_SERVER_PORT="8080",
        REVENGE_DATABASE_DRIVER="postgres",
        REVENGE_DATABASE_URL=DATABASE_URL,
        REVENGE_CACHE_URL="redis://dragonfly:6379",
        REVENGE_SEARCH_URL="http://typesense:8108",
        REVENGE_SEARCH_API_KEY="x",
        REVENGE_JWT_SECRET="your-32-char-secret-here-and-more",
        REVENGE_ENCRYPTION_KEY="k",
        REVENGE_TMDB_API_KEY="t",
        REVENGE_RADARR_URL="http://radarr:7878",
        REVENGE_RADARR_API_KEY="r",
    )
    (notice,) = result.warnings
    assert notice.code == "config.not_served"
    assert notice.context["keys"] == (
        "arr.radarr.api_key, arr.radarr.url, encryption.key, metadata.tmdb.api_key"
    )


@pytest.mark.parametrize(
    "text",
    [None, "", "\n", "# only a comment\n", "---\n", "null", "{}", "server:\n", "server: ~\n",
     "server:\n  port:\n", "\ufeffserver: {}", "server:\r\n  port: 8080\r\n"],
)  # fmt: skip
def test_a_file_that_says_nothing_gives_the_defaults(text: str | None) -> None:
    assert loaded(text).config == Config()


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("server: {port: '81'}", "server.port", 81),
        ("server.port: 81", "server.port", 81),
        ("server: {allowed_hosts: [a.b, '*.c.d']}", "server.allowed_hosts", ("a.b", "*.c.d")),
        ("server: {allowed_hosts: 'a.b , c.d,'}", "server.allowed_hosts", ("a.b", "c.d")),
        ("server: {host: '::'}", "server.host", "::"),
        ("logging: {level: WARNING}", "logging.level", "warning"),
        ("legacy: {enabled: YES}", "legacy.enabled", True),
        ("legacy: {privacy: {require_pin: off}}", "legacy.privacy.require_pin", False),
        ("search: {api_key: no}", "search.api_key", Secret("no")),
        ("search: {api_key: 0123}", "search.api_key", Secret("0123")),
        ("database: {url: 'postgresql:///revenge?host=/run/postgresql'}", "database.url",
         SecretUrl("postgresql:///revenge?host=/run/postgresql")),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_is_meant(text: str, name: str, value: object) -> None:
    assert value_of(loaded(text).config, name) == value


# What is wrong


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("server:\n  prot: 1", "config.unknown_key", 2),
        ("servr:\n  port: 1", "config.unknown_key", 1),
        ("server: {<<: 3}", "config.unknown_key", 1),
        ("? [a]\n: b", "config.unknown_key", 1),
        ("server:\n  port: 1\n  port: 2", "config.duplicate_key", 3),
        ("server.port: 1\nserver: {port: 2}", "config.duplicate_key", 2),
        ("server: {port: eighty}", "config.not_a_number", 1),
        ("server: {port: 0}", "config.not_a_number", 1),
        ("server: {port: 65536}", "config.not_a_number", 1),
        ("server: {port: 80.5}", "config.not_a_number", 1),
        (f"server: {{port: {'9' * 5000}}}", "config.not_a_number", 1),
        ("database: {pool: {min_conns: 9, max_conns: 3}}", "config.not_a_number", 1),
        ("server: {port: [1]}", "config.not_one_value", 1),
        ("server: {port: {a: 1}}", "config.not_one_value", 1),
        ("server: {allowed_hosts: [[a]]}", "config.not_one_value", 1),
        ("server: {allowed_hosts: ['http://a']}", "config.wrong_form", 1),
        ("server: {host: 'a b'}", "config.wrong_form", 1),
        ("server: 8080", "config.not_a_section", 1),
        ("- server", "config.not_a_section", 1),
        ("hello", "config.not_a_section", 1),
        ("legacy: {enabled: perhaps}", "config.not_a_switch", 1),
        ("logging:\n  level: loud", "config.not_a_choice", 2),
        ("database: {driver: mysql}", "config.not_a_choice", 1),
        ("database: {driver: sqlite}", "config.sqlite", 1),
        ("database: {url: 'mysql://db'}", "config.not_a_url", 1),
        ("database: {url: 'postgres://u:a/b@db/x'}", "config.not_a_url", 1),
        ("database: {url: 'postgres://[db/x'}", "config.not_a_url", 1),
        ("database: {url: 'postgres://db:99999/x'}", "config.not_a_url", 1),
        ("auth: {jwt_secret: short}", "config.too_short", 1),
        ("a: &x 1", "config.alias", 1),
        ("a: 1\nb: *x", "config.alias", 2),
        ("server:\n\tport: 1", "config.no_yaml", 2),
        ("server: {port: 1", "config.no_yaml", 2),
        ("server: \0", "config.no_yaml", None),
        ("server: \udc80", "config.no_yaml", None),
        ("--- {}\n--- {}", "config.no_yaml", 2),
        ("[" * 1_000_000, "config.too_deep", 1),
        ("{a: " * 250_000, "config.too_deep", 1),
        ("- " * 500_000, "config.too_deep", 1),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line(text: str, code: str, line: int | None) -> None:
    assert problems(text)[0] == (code, "config.yaml" if line is None else f"config.yaml:{line}")


WHOLE = "\n".join(f"{name}: {json.dumps(sample(name))}" for name in KEYS)


@given(st.integers(0, len(WHOLE)))
def test_a_torn_file_gives_a_configuration_or_a_sentence(length: int) -> None:
    try:
        loaded(WHOLE[:length])
    except ConfigInvalid as error:
        assert error.problems  # noqa: PT017 (some ends are good)


def test_a_yaml_bomb_costs_nothing() -> None:
    rows = [
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9)
    ]
    began_s = time.monotonic()
    assert only("\n".join(["a: &a [lol]", *rows])).code == "config.alias"
    assert time.monotonic() - began_s < 1


def test_tags_make_no_objects() -> None:
    assert only("server: {port: !!python/object/apply:os.getpid []}").code == "config.not_one_value"


def test_all_problems_are_told_at_once_but_not_endlessly() -> None:
    text = "server: {prot: 1, port: x}"
    assert len(problems(text, REVENGE_LOGGING_LEVEL="loud")) == 3
    assert len(problems("\n".join(f"key_{n}: 1" for n in range(50_000)))) == 20


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("sever", "server"), ("server.prot", "server.port"), ("database.pool.maxconns", "database.pool.max_conns")],
)  # fmt: skip
def test_a_typo_is_answered_with_the_nearest_key(name: str, nearest: str) -> None:
    assert only(f"{name}: 1").context["nearest"] == nearest


def test_a_wrong_secret_is_not_repeated() -> None:
    found = only("database: {url: 'mysql://u:hunter2@db'}")
    assert "hunter2" not in str(found)
    assert found.context["key"] == "database.url"


# Environment


def test_unknown_variables_warn_with_the_nearest_name() -> None:
    result = loaded(
        None,
        REVENGE_SERVR_PORT="1",
        REVENGE_DATA_DIR="/d",
        REVENGE_CONFIG_FILE="/c",
        REVENGE_POSTGRES_BIN="/p",
        REVENGE_SECRETS_FILE="/s",
        REVENGE_TEST_SOMETHING="1",
        HOME="/",
    )
    (found,) = result.warnings
    assert found.is_warning
    assert found.context == {"where": "REVENGE_SERVR_PORT", "nearest": "REVENGE_SERVER_PORT"}


@pytest.mark.parametrize(
    ("first", "second", "is_wrong"), [("a", "b", True), ("a", "a", False), ("a", "", False), ("", "b", False)]
)  # fmt: skip
def test_two_spellings_may_not_contradict_each_other(
    first: str, second: str, *, is_wrong: bool
) -> None:
    env = {"REVENGE_METADATA_TMDB_API_KEY": first, "REVENGE_TMDB_API_KEY": second}
    if is_wrong:
        assert problems(None, **env) == [("config.two_values", "REVENGE_METADATA_TMDB_API_KEY")]
    else:
        assert loaded(None, **env).config.metadata.tmdb.api_key == Secret(first or second)


@given(st.text())
def test_any_value_gives_a_setting_or_a_sentence(text: str) -> None:
    env = {name: text for key in KEYS.values() for name in key.variables}
    try:
        load(env, text, source="c")
    except ConfigInvalid as error:
        assert error.problems  # noqa: PT017 (most texts are good)


# Secrets


@pytest.mark.parametrize("variable", ["REVENGE_DATABASE_URL", "REVENGE_JWT_SECRET", "REVENGE_AUTH_JWT_SECRET"])  # fmt: skip
def test_a_secret_comes_from_a_file(variable: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"postgres://{'x' * 40}\r\n")
    result = loaded(None, **{f"{variable}_FILE": str(path)})
    (name,) = result.places
    assert value_of(result.config, name).reveal() == f"postgres://{'x' * 40}"
    assert result.where(name) == f"{variable}_FILE"


SECRET_FILES = [
    (key.name, f"{name}_FILE") for key in KEYS.values() if key.is_secret for name in key.variables
]


@pytest.mark.parametrize(("name", "variable"), SECRET_FILES)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_every_secret_comes_from_a_file_in_each_of_its_spellings(
    name: str, variable: str, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(f"{sample(name)}{end}".encode())
    result = loaded(None, **{variable: str(path)})
    assert value_of(result.config, name).reveal() == sample(name)
    assert result.where(name) == variable
    assert variable in docs()


@pytest.mark.parametrize(("name", "variable"), SECRET_FILES)
def test_a_secret_and_its_file_may_not_contradict_each_other(
    name: str, variable: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{sample(name)}\n")
    plain = variable.removesuffix("_FILE")
    same = loaded(None, **{plain: sample(name), variable: str(path)})
    assert (value_of(same.config, name).reveal(), same.where(name)) == (sample(name), plain)
    path.write_text(f"{sample(name)}-other")
    found = only(None, **{plain: sample(name), variable: str(path)})
    assert (found.code, found.where, found.context["other"]) == (
        "config.two_values",
        plain,
        variable,
    )


@pytest.mark.parametrize("blank", ["", "\n", " \n", "\r\n\r\n"])
def test_an_empty_secret_file_counts_as_unset(blank: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(blank)
    assert loaded(None, REVENGE_DATABASE_URL_FILE=str(path)).config.database.url is None


def test_a_secret_file_may_be_missing_binary_huge_a_folder_or_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0")
    (tmp_path / "huge").write_bytes(b"x" * 100_000)
    for name in ("missing", "binary", "huge", ".", "pipe"):
        found = only(None, REVENGE_DATABASE_URL_FILE=str(tmp_path / name))
        assert (found.code, found.where) == (
            "config.secret_unreadable",
            "REVENGE_DATABASE_URL_FILE",
        )


def test_only_secrets_are_read_from_files() -> None:
    (found,) = loaded(None, REVENGE_SERVER_PORT_FILE="/p").warnings
    assert found.code == "config.unknown_variable"


def test_no_way_of_printing_shows_a_secret() -> None:
    result = loaded(None, REVENGE_DATABASE_URL=DATABASE_URL, REVENGE_TMDB_API_KEY="topsecret")
    texts = [str(result), repr(result), f"{result.config}", show(result)]
    for text in texts:
        assert "hunter2" not in text
        assert "topsecret" not in text
    with pytest.raises(TypeError):
        msgspec.json.encode(result.config)


def test_show_says_what_is_in_force_and_where_it_comes_from() -> None:
    result = loaded("server: {port: 81}", REVENGE_DATABASE_URL=DATABASE_URL)
    lines = [" ".join(line.split()) for line in show(result).splitlines()]
    assert "server.port = 81 # config.yaml:1" in lines
    assert "server.host = 0.0.0.0 # default" in lines
    assert "database.url = postgres://revenge:***@db:5432/revenge # REVENGE_DATABASE_URL" in lines
    assert len(lines) == len(KEYS)


# The file


def test_the_file_is_read_with_mark_and_foreign_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xef\xbb\xbfserver:\r\n  port: 81\r\n")
    assert loaded(read_config_file(path)).config.server.port == 81


def test_a_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert read_config_file(tmp_path / "config.yaml") is None


def test_a_link_that_leads_nowhere_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.symlink_to("nowhere")
    (found,) = check({}, path)
    assert (found.code, found.where) == ("config.unreadable", str(path))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"server: \xff", "config.not_utf8"),
        ("server:".encode("utf-16"), "config.not_utf8"),
        (b"#" * ((1 << 20) + 1), "config.too_large"),
    ],
)
def test_a_file_that_is_no_short_text_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content)
    (found,) = check({}, path)
    assert (found.code, found.where) == (code, str(path))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    with path.open("wb") as file:
        file.truncate(10 << 30)
    (found,) = check({}, path)
    assert found.code == "config.too_large"


def test_a_folder_or_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe):
        (found,) = check({}, path)
        assert found.code == "config.unreadable"


def test_check_finds_nothing_in_a_good_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("server:\n  port: 81\n")
    assert check({"REVENGE_LOGGING_LEVEL": "debug"}, path) == []
    assert check({}, None) == []
