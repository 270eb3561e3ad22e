"""Pictures that somebody hands in, made anew: decoded within bounds and encoded again, so that pixels alone are left.

What else was in the file is gone: places and cameras (EXIF), color profiles, comments, and whatever hides in them.
"""

from collections.abc import Callable
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("PNG", "JPEG", "WEBP")
MOVING = frozenset({"PNG", "WEBP"})
LOGO_SIDE = 192
PORTRAIT_SIDE = 256
# A file of a few bytes can claim to be a wall of pixels.
MOST_PIXELS = 24_000_000

NO_PICTURE = "the file is neither PNG, JPEG, nor WebP"
TOO_MANY_PIXELS = "the picture has more than 24 million pixels"
MOVES = "the picture is animated"

# One at a time in a process: a large one takes 100 MB while it is decoded.
_turn = Lock()


class PictureError(Exception):
    """Why this is no picture that can be taken."""


def logo(content: bytes) -> bytes:
    """A logo as PNG, whole, at most 192 pixels wide and high. Raises PictureError."""
    return _made(content, _as_logo)


def portrait(content: bytes) -> bytes:
    """The middle of a picture as JPEG of 256 by 256 pixels; white where it is transparent.

    Raises PictureError, also where the picture moves.
    """
    return _made(content, _as_portrait)


def _as_logo(image: "Picture") -> bytes:
    made = image.convert("RGBA")
    made.thumbnail((LOGO_SIDE, LOGO_SIDE))
    stream = BytesIO()
    made.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _as_portrait(image: "Picture") -> bytes:
    from PIL import Image, ImageOps

    side = (PORTRAIT_SIDE, PORTRAIT_SIDE)
    made = ImageOps.fit(image.convert("RGBA"), side)
    # A new image, so that nothing is taken along that the old one knew beside its pixels.
    whole = Image.alpha_composite(Image.new("RGBA", side, "white"), made)
    stream = BytesIO()
    whole.convert("RGB").save(stream, "JPEG", quality=85, optimize=True)
    return stream.getvalue()


def _made(content: bytes, make: "Callable[[Picture], bytes]") -> bytes:
    # Here, since nothing that starts needs it.
    from PIL import Image, ImageOps

    try:
        with _turn, Image.open(BytesIO(content), formats=FORMATS) as image:
            # Known from its head, before a pixel is decoded.
            if image.width * image.height > MOST_PIXELS:
                raise PictureError(TOO_MANY_PIXELS)
            if make is _as_portrait and image.format in MOVING and getattr(image, "is_animated", False):
                raise PictureError(MOVES)
            return make(ImageOps.exif_transpose(image))
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(TOO_MANY_PIXELS) from None
    except Exception as error:
        # Its readers raise whatever they stumble over. SVG, too, is no picture here: it can load and run something.
        raise PictureError(NO_PICTURE) from error
