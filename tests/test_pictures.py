"""Pictures that somebody hands in are made anew, or refused in words; nothing else comes of them."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from authserver.pictures import NO_PICTURE, TOO_MANY_PIXELS, PictureError, logo, portrait
from tests.pictures import BLUE, RED, SVG, bomb, photograph, picture


def read(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def near(pixel: object, color: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(one - other) < 25 for one, other in zip(pixel, color, strict=False))


def test_a_logo_stays_whole_and_keeps_what_is_transparent() -> None:
    stream = BytesIO()
    Image.new("RGBA", (800, 400), (0, 0, 0, 0)).save(stream, "PNG")
    made = read(logo(stream.getvalue()))
    assert (made.format, made.size, made.getpixel((5, 5))) == ("PNG", (192, 96), (0, 0, 0, 0))


def test_a_portrait_is_the_middle_of_a_picture_on_white() -> None:
    stream = BytesIO()
    whole = Image.new("RGBA", (900, 300), BLUE)
    whole.paste(RED, (300, 0, 600, 300))
    whole.paste((0, 0, 0, 0), (300, 0, 600, 150))
    whole.save(stream, "PNG")
    made = read(portrait(stream.getvalue()))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (256, 256))
    assert near(made.getpixel((128, 40)), (255, 255, 255))
    assert all(near(made.getpixel((x, 240)), RED) for x in (8, 128, 248))


def test_nothing_but_pixels_is_left_of_a_portrait_and_it_is_the_right_way_up() -> None:
    content = portrait(photograph(orientation=6))
    made = read(content)
    assert not made.getexif()
    assert not {b"Ada", b"Exif", b"ICC_PROFILE"} & {
        each for each in (b"Ada", b"Exif", b"ICC_PROFILE") if each in content
    }
    assert near(made.getpixel((128, 8)), BLUE)
    assert near(made.getpixel((128, 248)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_a_portrait_is_made_of_pixels_of_any_kind(mode: str) -> None:
    stream = BytesIO()
    Image.new(mode, (3, 500)).save(stream, "JPEG" if mode == "CMYK" else "PNG")
    assert read(portrait(stream.getvalue())).size == (256, 256)


def test_nothing_but_pixels_is_left_and_they_are_the_right_way_up() -> None:
    given = photograph(orientation=6)
    assert b"Camera of Ada" in given
    content = logo(given)
    made = read(content)
    assert not made.getexif()
    assert not made.info
    assert b"Camera of Ada" not in content
    # Turned by a quarter, what was on the left is on top.
    assert near(made.convert("RGB").getpixel((made.width // 2, 10)), BLUE)
    assert near(made.convert("RGB").getpixel((made.width // 2, made.height - 10)), RED)


@pytest.mark.parametrize("size", [(60_000, 60_000), (12_000, 12_000), (24_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_wall_of_pixels_is_refused_before_one_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match=r"24 million|neither PNG"):
        logo(bomb(*size))


def test_where_the_head_can_be_read_the_reason_is_said() -> None:
    with pytest.raises(PictureError) as walled:
        logo(bomb(8_000, 8_000))
    assert str(walled.value) == TOO_MANY_PIXELS


@pytest.mark.parametrize(
    "content",
    [
        b"",
        SVG,
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        picture()[:200],
        bomb(100, 100),
        b"\xff\xd8\xff\xe0" + bytes(100),
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    ],
)
def test_what_is_no_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(PictureError) as refused:
        logo(content)
    assert str(refused.value) == NO_PICTURE


@given(
    kind=st.sampled_from(["PNG", "JPEG", "WEBP"]),
    at=st.floats(0, 1, exclude_max=True),
    put=st.binary(min_size=1, max_size=8),
    cut=st.floats(0, 1),
)
def test_a_spoilt_file_is_a_picture_or_refused(kind: str, at: float, put: bytes, cut: float) -> None:
    content = bytearray(picture(kind, (40, 30)))
    place = int(at * len(content))
    content[place : place + len(put)] = put
    for spoilt in (bytes(content), bytes(content[: int(cut * len(content))])):
        for make, made_as, side in ((logo, "PNG", 192), (portrait, "JPEG", 256)):
            try:
                made = read(make(spoilt))
            except PictureError:
                continue
            assert made.format == made_as
            assert max(made.size) <= side
