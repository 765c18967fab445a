import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.video_names import ExtraKind, extra_kind, is_video


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Heat/Heat.mkv", None),
        ("Heat/Heat-trailer.mkv", ExtraKind.TRAILER),
        ("Heat/Heat.trailer2.mkv", ExtraKind.TRAILER),
        ("Heat/Heat - trailer.mkv", ExtraKind.TRAILER),
        ("trailer.mkv", ExtraKind.TRAILER),
        ("The Longest Trailer.mkv", None),
        ("Heat/Heat-behindthescenes.mkv", ExtraKind.BEHIND_THE_SCENES),
        ("Heat/Heat.scene.mkv", None),
        ("Heat/Deleted Scenes/cafe.mkv", ExtraKind.DELETED_SCENE),
        ("Heat/Extras/Disc 2/making of.mkv", ExtraKind.OTHER),
        ("Extras/Heat.mkv", ExtraKind.OTHER),
        ("Shorts/Heat (1995)/Heat.mkv", None),
        ("Heat/theme.mp3", ExtraKind.THEME_SONG),
        ("Heat/trailer.mp3", None),
        ("Heat/trailer.txt", None),
        ("", None),
    ],
)
def test_extras_are_known_by_their_folder_or_the_end_of_their_name(
    path: str, expected: ExtraKind | None
) -> None:
    assert extra_kind(path.split("/")) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.mkv", True),
        ("A.MP4", True),
        ("a.m2ts", True),
        ("a.srt", False),
        ("mkv", False),
        (".mkv", True),
        ("", False),
    ],
)
def test_videos_are_known_by_their_ending(name: str, *, expected: bool) -> None:
    assert is_video(name) is expected


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_path_gets_an_answer(parts: list[str]) -> None:
    assert extra_kind(parts) is None or extra_kind(parts) in ExtraKind
