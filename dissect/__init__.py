"""An offline dissector for DICOM network captures: a capture file, in; the conversation in it, out."""

from importlib import import_module

TYPE_CHECKING = False  # as in typing, whose import would take half the time that the command line needs to start
if TYPE_CHECKING:
    from dissect.api import Dissection, MessageView, PduView, open  # noqa: A004 (as `gzip.open` and its like)
    from dissect.capture.records import CaptureError
    from dissect.config import ConfigError
    from dissect.query import QueryError

__version__ = "0.1.0"

__all__ = ["CaptureError", "ConfigError", "Dissection", "MessageView", "PduView", "QueryError", "open"]

HOMES = {"CaptureError": "capture.records", "ConfigError": "config", "QueryError": "query"}


def __getattr__(name: str) -> object:
    """Import what is asked for only now: the command line must start without it."""
    if name in __all__:
        return getattr(import_module(f"dissect.{HOMES.get(name, 'api')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
