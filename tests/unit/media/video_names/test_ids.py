import pytest

from server.media.video_names import provider_ids


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
