"""A number, in: what a person reads of it, out."""

BILLION = 1_000_000_000


def tell(count: int, noun: str) -> str:
    """Give a number and its noun, with an s where it is not one."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def tell_size(count: float) -> str:
    """Give a number of bytes with a unit."""
    for unit in ("B", "kB", "MB"):
        if count < 999.5:  # more would be rounded to 1000
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def tell_seconds(nanoseconds: int) -> str:
    """Tell a short time with a fitting unit."""
    for divisor, unit in ((1, "ns"), (1_000, "us"), (1_000_000, "ms")):
        if abs(count := nanoseconds / divisor) < 999.5:  # more would be rounded to 1000, which is 1e+03
            return f"{count:.3g} {unit}"
    return f"{nanoseconds / BILLION:.3f} s"


def tell_delay(took: int | None) -> str:
    """Tell after how long an answer came, in milliseconds or seconds, three digits at least."""
    if took is None:
        return ""
    milliseconds = took / 1_000_000
    for limit, decimals in ((1, 3), (10, 2), (100, 1), (1000, 0)):
        if abs(milliseconds) < limit:
            return f"{milliseconds:+.{decimals}f} ms"
    return f"{milliseconds / 1000:+.2f} s"
