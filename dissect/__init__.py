"""An offline dissector for DICOM network captures: a capture file, in; the conversation in it, out."""

__version__ = "0.1.0.dev0"
