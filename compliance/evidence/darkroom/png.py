"""What a PNG holds besides the picture. Runs in the child only."""

_MAGIC = b"\x89PNG\r\n\x1a\n"
_SEEN = {b"tRNS", b"eXIf"}  # what is transparent, which way is up


def without_words(upload: bytes) -> bytes:
    """A PNG without texts, profiles and whatever else doesn't change how it looks here.

    A decoder reads those before the picture, and refuses all of it for the size or the damage of
    one. What is no PNG comes back as it is.
    """
    if not upload.startswith(_MAGIC):
        return upload
    whole = memoryview(upload)
    kept, start = [whole[: len(_MAGIC)]], len(_MAGIC)
    while start < len(upload):
        kind = upload[start + 4 : start + 8]
        end = start + 12 + int.from_bytes(upload[start : start + 4])
        if kind in _SEEN or kind[:1].isupper():  # upper case: no decoder may do without it
            kept.append(whole[start:end])
        start = len(upload) if kind == b"IEND" else end
    return b"".join(kept)
