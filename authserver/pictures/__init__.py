"""Pictures that somebody hands in, made anew: decoded within bounds and encoded again, so that pixels alone are left.

What else was in the file is gone: places and cameras (EXIF), color profiles, comments, and whatever hides in them.
"""

from io import BytesIO
from threading import Lock

FORMATS = ("PNG", "JPEG", "WEBP")
LOGO_SIDE = 192
# A file of a few bytes can claim to be a wall of pixels.
MOST_PIXELS = 24_000_000

NO_PICTURE = "the file is neither PNG, JPEG, nor WebP"
TOO_MANY_PIXELS = "the picture has more than 24 million pixels"

# One at a time in a process: a large one takes 100 MB while it is decoded.
_turn = Lock()


class PictureError(Exception):
    """Why this is no picture that can be taken."""


def logo(content: bytes) -> bytes:
    """A logo as PNG, whole, at most 192 pixels wide and high. Raises PictureError."""
    # Here, since nothing that starts needs it.
    from PIL import Image, ImageOps

    try:
        with _turn, Image.open(BytesIO(content), formats=FORMATS) as image:
            # Known from its head, before a pixel is decoded.
            if image.width * image.height > MOST_PIXELS:
                raise PictureError(TOO_MANY_PIXELS)
            made = ImageOps.exif_transpose(image).convert("RGBA")
            made.thumbnail((LOGO_SIDE, LOGO_SIDE))
            stream = BytesIO()
            made.save(stream, "PNG", optimize=True)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(TOO_MANY_PIXELS) from None
    except Exception as error:
        # Its readers raise whatever they stumble over. SVG, too, is no picture here: it can load and run something.
        raise PictureError(NO_PICTURE) from error
    return stream.getvalue()
