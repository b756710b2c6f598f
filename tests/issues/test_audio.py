"""What is kept of a recording."""

import array
import io
import itertools
import math

import av
import pytest
from django.core.exceptions import ValidationError

from issues import audio, files
from issues.models import Evidence

TOLD = {
    "title": "At the chief's house",
    "location": "+12.5050+107.4278/",
    "comment": "Bousra",
    "artist": "Sok of Bousra",
}
TAGS = (b"\xa9xyz", b"\xa9nam", b"\xa9too", b"\xa9cmt", b"\xa9ART", b"loci", b"titl", b"ID3")
SECRETS = (b"Bousra", b"chief", b"12.5050", b"Lavf", b"Lavc", b"2026", *TAGS)
FORMATS = {
    "m4a": ("ipod", "aac", 44_100),
    "mp4": ("mp4", "aac", 44_100),
    "lossless": ("ipod", "alac", 44_100),
    "quicktime": ("mov", "aac", 48_000),
    "3gp": ("3gp", "libopencore_amrnb", 8_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "ogg": ("ogg", "libopus", 48_000),
    "webm": ("webm", "libopus", 48_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "wav": ("wav", "pcm_s16le", 44_100),
    "adts": ("adts", "aac", 44_100),
}
COVER = ("mjpeg", "yuvj420p")


def recording(kind="m4a", seconds=1.0, layout="mono", picture=None, sounds=1) -> bytes:
    """A tone as somebody's telephone might have recorded it, with what telephones tell."""
    container, codec, rate = FORMATS[kind]
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        target.metadata.update(TOLD)
        tracks = [target.add_stream(codec, rate=rate) for _track in range(sounds)]
        for track in tracks:
            track.layout = layout
            track.metadata["title"] = "Bousra"
        if picture:
            film = target.add_stream(picture[0], rate=1)
            film.width, film.height, film.pix_fmt = 64, 64, picture[1]
            if picture == COVER:
                film.disposition = av.stream.Disposition.attached_pic
            target.mux(film.encode(av.VideoFrame(64, 64, picture[1])))
            target.mux(film.encode(None))
        for track in tracks:
            for frame in tone(seconds, rate, layout):
                target.mux(track.encode(frame))
            target.mux(track.encode(None))
    return out.getvalue()


def tone(seconds: float, rate: int, layout: str):
    channels = 2 if layout == "stereo" else 1
    wave = [int(9_000 * math.sin((at // channels) / 20)) for at in range(1_024 * channels)]
    content = array.array("h", wave).tobytes()
    for number in range(math.ceil(seconds * rate / 1_024)):
        frame = av.AudioFrame(format="s16", layout=layout, samples=1_024)
        frame.sample_rate, frame.pts = rate, number * 1_024
        frame.planes[0].update(content)
        yield frame


def keep(content: bytes) -> files.Kept:
    return files.keep(io.BytesIO(content), len(content))


def code_of(content: bytes) -> str:
    with pytest.raises(ValidationError) as raised:
        keep(content)
    return raised.value.code


def samples_of(content: bytes) -> array.array:
    heard = array.array("f")
    with av.open(io.BytesIO(content)) as source:
        for frame in source.decode(audio=0):
            heard.frombytes(bytes(frame.planes[0])[: frame.samples * 4])
    return heard


@pytest.mark.parametrize("kind", FORMATS)
def test_keep_takes_title_place_and_program_from_a_recording(kind):
    content = recording(kind)
    if kind not in ("amr", "adts"):
        assert b"Bousra" in content

    kept = keep(content)

    assert (kept.kind, kept.thumbnail) == (Evidence.Kind.AUDIO, None)
    for secret in SECRETS:
        assert secret not in kept.content, secret
    with av.open(io.BytesIO(kept.content), format="mov") as source:
        (track,) = source.streams
        assert set(source.metadata) == {"major_brand", "minor_version", "compatible_brands"}
        assert track.metadata == {"language": "und", "handler_name": "SoundHandler"}
        assert (track.codec_context.name, track.rate, track.layout.name) == ("aac", 16_000, "mono")
        assert 0.9 < source.duration / av.time_base < 1.2


@pytest.mark.parametrize("tag", ["\xa9xyz", "\xa9nam", "\xa9too"])
def test_keep_takes_the_tags_that_telephones_write(tag):
    box = tag.encode("latin-1")
    told = b"+12.5050+107.4278/Bousra"
    inside = len(told).to_bytes(2, "big") + b"\x15\xc7" + told
    atom = (len(inside) + 8).to_bytes(4, "big") + box + inside
    content = recording() + (len(atom) + 8).to_bytes(4, "big") + b"udta" + atom

    kept = keep(content).content

    assert box in content
    assert box not in kept
    assert b"107.4278" not in kept


def test_keep_leaves_the_sound_of_a_recording():
    heard = samples_of(keep(recording("wav", seconds=2, layout="stereo")).content)

    middle = heard[8_000:24_000]
    loudness = math.sqrt(sum(one * one for one in middle) / len(middle))
    assert loudness == pytest.approx(9_000 / 32_768 / math.sqrt(2), rel=0.1)
    rises = sum(one < 0 <= other for one, other in itertools.pairwise(middle))
    assert rises == pytest.approx(44_100 / (40 * math.pi), rel=0.03)  # the tone's own pitch


def test_keep_puts_the_index_of_a_recording_before_its_sound():
    kept = keep(recording()).content

    assert 0 < kept.find(b"moov") < kept.find(b"mdat")


def test_keep_gives_the_same_bytes_for_the_same_recording():
    assert keep(recording()).digest == keep(recording()).digest


def test_keep_leaves_the_cover_of_a_recording_out():
    kept = keep(recording("mp3", picture=COVER)).content

    with av.open(io.BytesIO(kept)) as source:
        assert [one.type for one in source.streams] == ["audio"]


def test_keep_refuses_a_film():
    assert code_of(recording("mp4", picture=("mpeg4", "yuv420p"))) == "film"
    assert code_of(recording("quicktime", picture=("mpeg4", "yuv420p"))) == "film"


def test_keep_refuses_a_recording_of_two_tracks_or_of_none():
    assert code_of(recording("mp4", sounds=2)) == "bad_recording"
    assert code_of(recording("mp4", sounds=0, picture=COVER)) in ("bad_recording", "film")


@pytest.mark.parametrize("kind", ["m4a", "amr", "adts", "ogg"])
def test_keep_refuses_a_recording_that_lasts_too_long(kind, monkeypatch):
    content = recording(kind, seconds=3)
    monkeypatch.setattr(audio, "MAX_SECONDS", 1)

    assert code_of(content) == "too_long"


@pytest.mark.parametrize(
    "content",
    [
        b"OggS" + b"Bousra" * 99,
        b"#!AMR\n",
        b"#!AMR\n" + b"\xff" * 999,
        b"RIFF\0\0\0\0WAVEfmt " + bytes(99),
        b"\xff\xfb" + bytes(999),
        b"\xff\xf1" + bytes(999),
        b"\x1a\x45\xdf\xa3" + bytes(99),
        b"\0\0\0\x14ftypM4A \0\0\0\0isom#EXTM3U\nhttp://127.0.0.1/Bousra",
        recording()[:400],
        recording("webm")[:300],
    ],
)
def test_keep_refuses_a_recording_that_is_damaged(content):
    assert code_of(content) == "bad_recording"


def test_keep_takes_what_can_be_heard_of_a_recording_that_breaks_off():
    content = recording("mp3", seconds=3)

    kept = keep(content[: len(content) // 2]).content

    with av.open(io.BytesIO(kept)) as source:
        assert 1 < source.duration / av.time_base < 2


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"ID3\x04\0\0\0\0\0\x02xx\xff\xfb\x90", "mp3"),
        (b"ID3\x04\0\0\0\0\0\x02xx\xff\xf1\x50", "aac"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7f\xff\xfb", ""),
        (b"ID3", ""),
        (b"\xff\xd8\xff\xe0", ""),
        (b"\xff\xe0", ""),
        (b"RIFF\0\0\0\0AVI ", ""),
        (b"\0\0\0\x18ftypheic", ""),
        (b"#EXTM3U", ""),
        (b"ffconcat version 1.0", ""),
        (b"fLaC", ""),
        (b"", ""),
    ],
)
def test_format_of_knows_a_recording_by_its_first_bytes(start, name):
    assert audio.format_of(start) == name


@pytest.mark.parametrize(
    ("name", "playlist"),
    [
        ("hls", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"),
        ("concat", "ffconcat version 1.0\nfile {}\n"),
    ],
)
def test_clean_opens_no_other_file_even_for_a_playlist(name, playlist, tmp_path, monkeypatch):
    other = tmp_path / "other.mp3"
    other.write_bytes(recording("mp3"))
    content = playlist.format(other).encode()
    assert code_of(content) == "unknown_kind"

    monkeypatch.setattr(audio, "format_of", lambda content: name)
    monkeypatch.setitem(audio.DECODERS, name, "mp3,mp3float")
    assert code_of(content) == "bad_recording"
