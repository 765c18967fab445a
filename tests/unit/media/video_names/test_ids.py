import pytest

from server.media.video_names import imdb_id, name_tags, provider_ids


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Heat [tmdbid-949]", {"tmdb": "949"}),
        ("Heat [tmdb=949]", {"tmdb": "949"}),
        ("Heat {imdb-tt0113277}", {"imdb": "tt0113277"}),
        ("Heat (tvdbid=12)", {"tvdb": "12"}),
        ("Heat [tt0113277]", {"imdb": "tt0113277"}),
        ("Heat - tt0113277", {"imdb": "tt0113277"}),
        ("Heat [tmdbid-949][imdbid-tt0113277]", {"tmdb": "949", "imdb": "tt0113277"}),
        ("Heat [tmdbid-1][tmdbid-2]", {"tmdb": "1"}),
        ("Heat [tmdbid-949}", {}),
        ("Heat [tmdbid-]", {}),
        ("Heat tmdbid-949", {}),
        ("Heat [tmdbid-abc]", {}),
        ("", {}),
    ],
)
def test_ids_stand_in_paired_brackets(name: str, expected: dict[str, str]) -> None:
    assert provider_ids(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Heat {anidb-12}[tvmaze=7]", {"anidb": "12", "tvmaze": "7"}),
        ("Heat [my-shelf=B4]", {"my-shelf": "B4"}),
        ("Heat [x=]", {}),
        ("Heat [Director's Cut] (1995)", {}),
    ],
)
def test_any_word_may_have_a_value(name: str, expected: dict[str, str]) -> None:
    assert name_tags(name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("123", "tt0000123"),
        (" tt0113277 ", "tt0113277"),
        ("TT12345678", "tt12345678"),
        ("nm1", None),
        ("", None),
    ],
)
def test_an_imdb_id_is_spelt_as_imdb_does(text: str, expected: str | None) -> None:
    assert imdb_id(text) == expected
