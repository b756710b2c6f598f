"""Making of a recording a fresh one: one voice track in AAC, without title, place and program.

FFmpeg (inside PyAV) is given the bytes, the one container format their first bytes tell, and a
list of decoders: no playlist, network address or other file can be opened through a recording.
"""

import enum
import io
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.codec.context import Flags as CodecFlags
from av.container import Flags, InputContainer
from av.packet import Packet
from av.stream import Disposition
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_SECONDS = 30 * 60
RATE = 16_000  # samples a second kept: enough for speech
BIT_RATE = 32_000  # 30 minutes are 7 MB
FRAME = 1_024  # samples of an AAC packet
BITEXACT: enum.Flag = Flags.bitexact
INDEX = 2_048  # bytes of the index besides the four of each packet
RATES = range(4_000, 192_001)
MAX_CHANNELS = 8

PHOTO_BRANDS = {
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs",
    b"mif1", b"msf1", b"avif", b"avis", b"crx ",
}  # fmt: skip
MPEG_4, MATROSKA = "mov", "matroska"
# The decoders each container may ask for: what telephones and browsers record with.
DECODERS = {
    MPEG_4: "aac,alac,amrnb,amrwb,mp3,mp3float,opus,pcm_s16le,pcm_s16be",
    "amr": "amrnb,amrwb",
    "aac": "aac",
    "mp3": "mp3,mp3float",
    "ogg": "opus,vorbis,speex,flac",
    "wav": "pcm_s16le,pcm_u8,pcm_s24le,pcm_s32le,pcm_f32le,pcm_alaw,pcm_mulaw,adpcm_ima_wav,"
    "adpcm_ms",
    MATROSKA: "opus,vorbis",
}
# PyAV's errors, and what it raises itself for content that is not as it should be.
FAULTS = (av.FFmpegError, ValueError, RuntimeError, LookupError, TypeError, ArithmeticError)


class LongRecording(Exception):
    """The recording lasts longer than what is kept."""


def is_recording(content: bytes) -> bool:
    """The content begins like a recording of one of the kinds that are read."""
    return bool(format_of(content))


def format_of(content: bytes) -> str:
    """The name FFmpeg has for the container that the first bytes tell; "" for anything else."""
    head = content[:12]
    if head[4:8] == b"ftyp":
        return "" if head[8:12] in PHOTO_BRANDS else MPEG_4
    if head[:4] == b"RIFF":
        return "wav" if head[8:12] == b"WAVE" else ""
    for start, name in (
        (b"#!AMR", "amr"),
        (b"OggS", "ogg"),
        (b"\x1a\x45\xdf\xa3", MATROSKA),
    ):
        if head.startswith(start):
            return name
    return _format_of_frames(_after_id3(content))


def _after_id3(content: bytes) -> bytes:
    """The first bytes after the tag (title, singer, place) that MP3 and AAC may begin with."""
    if not content.startswith(b"ID3"):
        return content[:2]
    size = 10
    for digit, byte in enumerate(reversed(content[6:10])):
        size += (byte & 0x7F) << (7 * digit)
    return content[size : size + 2]


def _format_of_frames(start: bytes) -> str:
    """MP3 or AAC by the bits their frames begin with."""
    if len(start) < 2 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        return ""
    if start[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if start[1] & 0x06 == 0x02 else ""


def clean(content: bytes) -> bytes:
    """The same sound as M4A: one channel, no metadata; the same content gives the same bytes.

    Raises ValidationError with a sentence for what is damaged, a film, or over 30 minutes.
    """
    try:
        with _opened(content) as source:
            packets = list(_encoded(_frames(source, _track(source))))
    except LongRecording as error:
        raise ValidationError(
            _("The recording is over 30 minutes. Send it in parts."), code="too_long"
        ) from error
    except FAULTS as error:
        raise _bad() from error
    if not packets:
        raise _bad()
    return _packed(packets)


def _bad() -> ValidationError:
    return ValidationError(
        _("The recording is damaged or cannot be read. Send it in another format, such as MP3."),
        code="bad_recording",
    )


def _opened(content: bytes) -> InputContainer:
    name = format_of(content)
    limits = {"codec_whitelist": DECODERS[name], "protocol_whitelist": "none"}
    return av.open(
        io.BytesIO(content),
        "r",
        format=name,
        container_options=limits,
        metadata_errors="replace",
        io_open=_refuse_other_files,
    )


def _refuse_other_files(url: str, flags: int, options: dict[str, str]) -> io.BytesIO:
    raise ValueError("A recording names another file")


def _track(source: InputContainer) -> AudioStream:
    """The only track of sound; a picture of a cover beside it is no film."""
    if any(not one.disposition & Disposition.attached_pic for one in source.streams.video):
        raise ValidationError(_("This is a film. Send the sound alone, or photos."), code="film")
    if len(source.streams.audio) != 1:
        raise ValueError("Not one track of sound")
    track = source.streams.audio[0]
    if track.codec_context.name not in DECODERS[source.format.name.partition(",")[0]].split(","):
        raise ValueError("Another codec")
    if source.duration is not None and source.duration > (MAX_SECONDS + 1) * av.time_base:
        raise LongRecording
    return track


def _frames(source: InputContainer, track: AudioStream) -> Iterator[AudioFrame]:
    """The sound as it was recorded; a packet that is damaged is silence that is left out."""
    heard = 0.0
    for packet in source.demux(track):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if frame.sample_rate not in RATES or frame.layout.nb_channels > MAX_CHANNELS:
                raise ValueError("No voice has so many channels or samples")
            heard += frame.samples / frame.sample_rate
            if heard > MAX_SECONDS:
                raise LongRecording
            frame.pts = None  # pauses and jumps of the recorder's clock are not sound
            yield frame


def _encoded(frames: Iterator[AudioFrame]) -> "Iterator[Packet[AudioStream]]":
    encoder = av.CodecContext.create("aac", "w")
    _set_voice(encoder)
    resampler = AudioResampler(
        format="fltp",
        layout="mono",
        rate=RATE,
        frame_size=FRAME,
        options={"rematrix_maxval": "1"},  # two loud channels make no louder one
    )
    position = 0
    for frame in chain(frames, [None]):
        for voice in resampler.resample(frame):
            voice.pts, voice.time_base = position, Fraction(1, RATE)
            position += voice.samples
            yield from encoder.encode(voice)
    yield from encoder.encode(None)


def _set_voice(encoder: AudioCodecContext) -> None:
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "fltp"
    encoder.bit_rate, encoder.time_base = BIT_RATE, Fraction(1, RATE)
    encoder.flags |= CodecFlags.bitexact.value  # else the encoder writes its own name


def _packed(packets: "list[Packet[AudioStream]]") -> bytes:
    """An M4A with its index before the sound, so that it can be heard before all has arrived."""
    out = io.BytesIO()
    index = {"moov_size": str(4 * len(packets) + INDEX)}
    with av.open(out, "w", format="ipod", container_options=index) as target:
        target.flags |= BITEXACT.value  # no encoder's name, no time
        track = target.add_stream("aac", rate=RATE)
        _set_voice(track.codec_context)
        for packet in packets:
            packet.stream = track
            target.mux_one(packet)
    return out.getvalue()
