"""Profiles in Jellyfin's form: what they mean, and what happens to those that mean nothing."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.errors import Invalid
from server.services.playback.capabilities import Condition, Form, Names, SubtitleFormat, these
from server.services.playback.decision import decide
from server.services.playback.device_profiles import capabilities_of_device, read_device_profile
from server.services.playback.facts import Fact
from server.services.playback.plans import Decision, all_reasons
from server.services.playback.reasons import Reason, ReasonCode
from tests.helpers.playback import film, picture, sound

PLAYS_ALL = {"DirectPlayProfiles": [{"Type": "Video"}]}
HLS = {"Type": "Video", "Protocol": "hls", "Container": "mp4", "VideoCodec": "h264,hevc", "AudioCodec": "aac,ac3"}  # fmt: skip


words = st.sampled_from(["", "Type", "Video", "Conditions", "\0", "\ud800", "ü"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner),
    max_leaves=8,
)
loose = st.none() | st.integers(-3, 3000) | st.sampled_from(["", "Video", "mp4", "h264", "-", "hls", "2", "true", "LessThanEqual", "EqualsAny", "Width", "VideoProfile", "VideoAudio", "VideoRangeType"])  # fmt: skip
conditions = st.lists(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("Property", "Condition", "Value", "IsRequired"), loose)
    ),
    max_size=2,
)
entries = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                ("Type", "Container", "SubContainer", "Codec", "VideoCodec", "AudioCodec"),
                loose,
            ),
            "Protocol": loose,
            "MaxAudioChannels": loose,
            "Conditions": conditions,
            "ApplyConditions": conditions,
        },
    ),
    max_size=3,
)
LISTS = ("DirectPlayProfiles", "TranscodingProfiles", "ContainerProfiles", "CodecProfiles", "SubtitleProfiles")  # fmt: skip


def _capabilities(**profile: Any) -> Any:
    return capabilities_of_device(read_device_profile(json.dumps(profile).encode()))


def _condition(name: str, how: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"Property": name, "Condition": how, "Value": value, **more}


def _rule(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"CodecProfiles": [{"Type": "Video", "Conditions": list(conditions), **more}]}


def _codes(decision: Decision) -> list[str]:
    return [str(reason.code) for reason in all_reasons(decision)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Names()),
        (None, Names()),
        (" , ", Names()),
        ("mp4", these(["mp4"])),
        ("MKV, m4v ,ts", these(["matroska", "mp4", "mpegts"])),
        ("-mkv,avi", Names(frozenset({"matroska", "avi"}), is_all_but=True)),
    ],
)
def test_a_list_of_containers_is_read(text: str | None, expected: Names) -> None:
    (played,) = _capabilities(DirectPlayProfiles=[{"Type": "Video", "Container": text}]).direct_play
    assert played.containers == expected


def test_only_what_speaks_of_video_streams_counts() -> None:
    capabilities = _capabilities(
        DirectPlayProfiles=[{"Type": "Audio"}, {"Type": "Video", "Container": "hls"}],
        TranscodingProfiles=[{**HLS, "Type": "Audio"}, {**HLS, "Context": "Static"}, HLS],
        ContainerProfiles=[{"Type": "Audio"}],
        CodecProfiles=[{"Type": "Audio"}],
        SubtitleProfiles=[{"Format": "ass", "Method": "Encode"}],
    )
    assert (capabilities.direct_play, capabilities.rules, capabilities.subtitles) == ((), (), ())
    (target,) = capabilities.targets
    assert (target.form, target.video_codecs) == (Form("hls", "mp4"), ("h264", "hevc"))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (_condition("VideoLevel", "LessThanEqual", "52"), Condition(fact=Fact.VIDEO_LEVEL, at_most=52)),
        (_condition("VideoLevel", "LessThanEqual", 52), Condition(fact=Fact.VIDEO_LEVEL, at_most=52)),
        (_condition("Width", "GreaterThanEqual", " 1200 "), Condition(fact=Fact.WIDTH, at_least=1200)),
        (_condition("VideoProfile", "EqualsAny", "High|main"), Condition(fact=Fact.VIDEO_PROFILE, any_of=("high", "main"))),
        (_condition("VideoRangeType", "Equals", "DOVIWithHDR10"), Condition(fact=Fact.VIDEO_RANGE, any_of=("dolby_vision_hdr10",))),
        (_condition("VideoRangeType", "EqualsAny", "SDR|DOVI"), Condition(fact=Fact.VIDEO_RANGE, any_of=("sdr", "dolby_vision"))),
        (_condition("isinterlaced", "NotEquals", "true"), Condition(fact=Fact.IS_INTERLACED, none_of=(True,))),
        (_condition("IsSecondaryAudio", "Equals", "false"), Condition(fact=Fact.IS_SECONDARY_AUDIO, any_of=(False,))),
        (_condition("VideoCodecTag", "Equals", "hvc1", IsRequired="true"), Condition(fact=Fact.VIDEO_TAG, any_of=("hvc1",), is_required=True)),
    ],
)  # fmt: skip
def test_a_condition_is_read(condition: dict[str, Any], expected: Condition) -> None:
    (rule,) = _capabilities(**_rule(condition)).rules
    assert rule.alternatives == ((expected,),)


@pytest.mark.parametrize(
    "condition",
    [
        {},
        _condition("VideoTimestamp", "Equals", "Valid"),
        _condition("Width", "LessThanEqual", "wide"),
        _condition("Width", "LessThanEqual", "nan"),
        _condition("Width", "LessThanEqual", "1e999"),
        _condition("Width", "LessThanEqual", None),
        _condition("IsInterlaced", "Equals", "perhaps"),
        _condition("VideoProfile", "EqualsAny", "|"),
        _condition("Width", "Resembles", "1200"),
    ],
)
def test_a_condition_that_means_nothing_is_passed_over(condition: dict[str, Any]) -> None:
    (rule,) = _capabilities(**_rule(condition)).rules
    assert rule.alternatives == ((),)


def test_subtitles_are_known_by_their_usual_names() -> None:
    profiles = [
        {"Format": "SRT", "Method": "External"},
        {"Format": "pgssub", "Method": "Embed", "Container": "mkv"},
        {"Format": "vtt", "Method": "Hls"},
    ]
    assert _capabilities(SubtitleProfiles=profiles).subtitles == (
        SubtitleFormat(format="subrip"),
        SubtitleFormat(
            format="hdmv_pgs_subtitle", is_embedded=True, containers=these(["matroska"])
        ),
        SubtitleFormat(format="webvtt"),
    )


class TestMeaning:
    def test_a_rule_counts_only_where_its_apply_conditions_hold(self) -> None:
        rule = _rule(
            _condition("VideoLevel", "LessThanEqual", "31"),
            ApplyConditions=[_condition("Width", "GreaterThanEqual", "1900")],
        )
        client = _capabilities(**PLAYS_ALL, **rule)
        assert "video_level_not_supported" in _codes(decide(film(), client))
        small = film(picture(width_px=1280), sound())
        assert _codes(decide(small, client)) == []

    def test_a_container_that_is_ruled_out_is_named(self) -> None:
        played = {"Type": "Video", "Container": "-mkv,mp4"}
        decision = decide(film(), _capabilities(DirectPlayProfiles=[played]))
        assert decision.reasons[0] == Reason(
            code=ReasonCode.CONTAINER_NOT_SUPPORTED, found="mp4", none_of=("matroska", "mp4")
        )

    def test_a_rule_for_hls_outranks_what_is_said_in_general(self) -> None:
        ten_bits = _condition("VideoBitDepth", "LessThanEqual", "10")
        rules = [
            {"Type": "Video", "Container": "hls", "SubContainer": "mp4", "Conditions": [ten_bits]},
            {"Type": "Video", "Conditions": [_condition("VideoBitDepth", "LessThanEqual", "8")]},
        ]
        client = _capabilities(TranscodingProfiles=[HLS], CodecProfiles=rules, **PLAYS_ALL)
        decision = decide(film(picture(bit_depth=10), sound()), client)
        assert (decision.method, _codes(decision)) == ("remux", ["video_bit_depth_not_supported"])

    def test_the_tag_of_a_codec_is_nothing_to_encode_for(self) -> None:
        rule = _rule(_condition("VideoCodecTag", "Equals", "hvc1", IsRequired=True))
        client = _capabilities(TranscodingProfiles=[HLS], **PLAYS_ALL, **rule)
        decision = decide(film(picture("hevc", codecs="hev1.1.6"), sound()), client)
        assert (decision.method, _codes(decision)) == ("remux", ["video_codec_tag_not_supported"])

    @pytest.mark.parametrize(("is_required", "codes"), [(True, ["ref_frames_not_supported"]), (False, [])])  # fmt: skip
    def test_what_is_not_known_fails_only_where_it_is_required(
        self, *, is_required: bool, codes: list[str]
    ) -> None:
        rule = _rule(_condition("RefFrames", "LessThanEqual", "4", IsRequired=is_required))
        client = _capabilities(TranscodingProfiles=[HLS], **PLAYS_ALL, **rule)
        assert _codes(decide(film(), client)) == codes

    def test_a_stream_has_no_more_channels_than_its_profile_says(self) -> None:
        target = {**HLS, "MaxAudioChannels": " 2"}
        client = _capabilities(TranscodingProfiles=[target])
        decision = decide(film(picture(), sound("ac3", channel_count=6)), client)
        assert decision.audio is not None
        assert decision.audio.encoding is not None
        assert decision.audio.encoding.channel_count == 2
        assert "audio_channels_not_supported" in _codes(decision)

    def test_conditions_of_a_target_bind_only_what_is_encoded(self) -> None:
        target = {**HLS, "Conditions": [_condition("Width", "LessThanEqual", "1280")]}
        client = _capabilities(TranscodingProfiles=[target])
        assert decide(film(), client).method == "remux"
        encoded = decide(film(picture("vp9"), sound()), client).video
        assert encoded is not None
        assert encoded.encoding is not None
        assert (encoded.encoding.width_px, encoded.encoding.height_px) == (1280, 720)

    def test_a_container_may_hold_too_many_streams(self) -> None:
        rule = {"Type": "Video", "Conditions": [_condition("NumStreams", "LessThanEqual", "3")]}
        client = _capabilities(ContainerProfiles=[rule], TranscodingProfiles=[HLS], **PLAYS_ALL)
        streams = [sound(index=index) for index in range(1, 4)]
        decision = decide(film(picture(), *streams), client)
        assert (decision.method, _codes(decision)) == ("remux", ["stream_count_exceeds_limit"])

    def test_a_target_without_codecs_is_given_what_every_client_plays(self) -> None:
        (target,) = _capabilities(TranscodingProfiles=[{"Type": "Video"}]).targets
        assert (target.video_codecs, target.audio_codecs) == (("h264",), ("aac",))


class TestOddProfiles:
    @pytest.mark.parametrize("text", [b"{}", b'{"DirectPlayProfiles": null, "Name": {"a": [1]}}'])
    def test_an_empty_one_plays_nothing(self, text: bytes) -> None:
        client = capabilities_of_device(read_device_profile(text))
        assert decide(film(), client).method == "impossible"

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"null",
            b"[]",
            b'"Chrome"',
            b"{",
            b"\xff\xfe",
            b'{"DirectPlayProfiles": {}}',
            b'{"DirectPlayProfiles": [1]}',
            b'{"DirectPlayProfiles": [null]}',
            b'{"CodecProfiles": [{"Conditions": "all"}]}',
            b'{"DirectPlayProfiles": [{"Container": ["mp4"]}]}',
            b'{"DirectPlayProfiles": [' + b",".join([b"{}"] * 101) + b"]}",
            b'{"DirectPlayProfiles": ' + b"[" * 100_000,
            b'{"Unknown": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        ],
    )
    def test_what_is_no_profile_is_refused(self, text: bytes) -> None:
        with pytest.raises(Invalid):
            read_device_profile(text)

    @pytest.mark.parametrize("value", [-1, 0, "", "much", 1e300, 10**30, True, "9" * 5_000])
    def test_a_bit_rate_that_makes_no_sense_is_no_limit(self, value: object) -> None:
        client = _capabilities(MaxStreamingBitrate=value, **PLAYS_ALL)
        assert decide(film(picture(), sound(), bitrate_bps=0), client).method == "direct_play"

    def test_long_lists_are_read(self) -> None:
        codecs = ",".join(f"codec{number}" for number in range(100_000))
        played = {"Type": "Video", "VideoCodec": codecs + ",h264"}
        assert decide(film(), _capabilities(DirectPlayProfiles=[played])).method == "direct_play"

    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(LISTS, entries)))
    def test_any_profile_leads_to_a_decision(self, profile: dict[str, Any]) -> None:
        decide(film(), _capabilities(**profile))

    @given(st.fixed_dictionaries({}, optional=dict.fromkeys(LISTS, json_values)))
    def test_anything_else_is_read_or_refused(self, profile: dict[str, Any]) -> None:
        with suppress(Invalid):
            decide(film(), _capabilities(**profile))
