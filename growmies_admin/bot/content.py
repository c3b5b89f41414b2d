"""Tells whether a message is about growing; the text itself is neither logged nor kept."""

import re

_WORDS = (
    "autoflower", "bud", "buds", "cannabis", "cbd", "clone", "clones", "cola", "cultivar",
    "curing", "defoliation", "edible", "edibles", "flower", "flowering", "germinate",
    "germination", "grow", "growing", "harvest", "hash", "hemp", "indica", "kief", "marijuana",
    "nugs", "nutes", "photoperiod", "pheno", "rosin", "sativa", "seedling", "seedlings", "strain",
    "strains", "terpene", "terpenes", "thc", "topping", "trichome", "trichomes", "vape", "weed",
)  # fmt: skip
_PATTERN = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_LONGEST = 4_000  # Discord's own limit; never more work than that


def is_about_cannabis(text: str) -> bool:
    """True when a word of the trade occurs."""
    return _PATTERN.search(text[:_LONGEST]) is not None
