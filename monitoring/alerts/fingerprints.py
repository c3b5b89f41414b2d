"""An alert's identity as Alertmanager computes it, so that one alert is one row by any way."""

_OFFSET, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
_SEPARATOR = 0xFF


def of(labels: dict[str, str]) -> str:
    """FNV-1a, 64 bits, over the sorted names and values, each followed by a 0xff."""
    found = _OFFSET
    for name in sorted(labels):
        for byte in (*name.encode(), _SEPARATOR, *labels[name].encode(), _SEPARATOR):
            found = ((found ^ byte) * _PRIME) & _MASK
    return f"{found:016x}"
