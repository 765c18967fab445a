from server.kernel.ids import new_id


def test_an_id_is_a_version_7_uuid_of_the_rfc() -> None:
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_later_ids_sort_later_and_none_comes_twice() -> None:
    made = [new_id() for _ in range(10_000)]
    assert len(set(made)) == len(made)
    times = [value.int >> 80 for value in made]
    assert times == sorted(times)
