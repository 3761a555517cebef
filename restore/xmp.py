"""XMP packets: our recipe put in beside what is there, byte for byte.

A packet is RDF in XML. The recipe is one property of a namespace of our own, in an
`rdf:Description` before the end of the RDF; nothing else of the packet is parsed and written anew.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr, unescape

HEADER = b"http://ns.adobe.com/xap/1.0/\0"
"""Before the packet in a segment of a JPEG file."""
NAMESPACE = "urn:restore-studio:recipe:1"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    f'<rdf:RDF xmlns:rdf="{_RDF}">\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
).encode()
_OWN = re.compile(
    rb"<(?P<rdf>\w+):Description [^<>]*xmlns:restore=\""
    + re.escape(NAMESPACE.encode())
    + rb"\"[^<>]*>\s*<restore:recipe>(?P<json>[^<]*)</restore:recipe>\s*</(?P=rdf):Description>\n?"
)
_END = re.compile(rb"</(\w+):RDF\s*>")
_ABOUT = re.compile(rb"\b\w+:about\s*=\s*(\"[^\"]*\"|'[^']*')")
_GPS_ATTRIBUTE = re.compile(rb"\s[\w-]+:gps\w*\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_GPS_ELEMENT = re.compile(
    rb"<([\w-]+:gps\w*)(?:\s[^<>]*)?(?:/>|>.*?</\1\s*>)", re.IGNORECASE | re.DOTALL
)

_EXTENSION_ATTRIBUTE = re.compile(rb"\s[\w-]+:HasExtendedXMP\s*=\s*(\"[^\"]*\"|'[^']*')")
_EXTENSION_ELEMENT = re.compile(rb"<([\w-]+:HasExtendedXMP)\s*>.*?</\1\s*>", re.DOTALL)


def with_recipe(packet: bytes | None, recipe: str) -> bytes | None:
    """The packet with a recipe in it, in the place of an earlier one; None where that is unsafe.

    Unsafe is a packet that is not well-formed XML in UTF-8, or has no RDF that could be added to.
    """
    source = _EMPTY if not packet else _OWN.sub(b"", packet)
    ends = list(_END.finditer(source))
    if not ends or not _well_formed(source):
        return None
    end = ends[-1]
    rdf = end.group(1).decode()
    # All descriptions of a packet have to be about the same thing.
    about = _ABOUT.search(source)
    subject = about.group(1).decode() if about else quoteattr("")
    own = (
        f'<{rdf}:Description {rdf}:about={subject} xmlns:restore="{NAMESPACE}">'
        f"<restore:recipe>{escape(recipe)}</restore:recipe></{rdf}:Description>\n"
    )
    extended = source[: end.start()] + own.encode() + source[end.start() :]
    return extended if _well_formed(extended) else None


def recipe_in(packet: bytes) -> str | None:
    """The recipe that `with_recipe` has put into a packet."""
    found = _OWN.search(packet)
    return unescape(found["json"].decode("utf-8", "replace")) if found else None


def without_gps(packet: bytes) -> bytes:
    """The packet without properties that are named for GPS, of whatever namespace."""
    return _GPS_ELEMENT.sub(b"", _GPS_ATTRIBUTE.sub(b"", packet))


def without_extension(packet: bytes) -> bytes:
    """The packet without the property that leads to extended XMP."""
    return _EXTENSION_ELEMENT.sub(b"", _EXTENSION_ATTRIBUTE.sub(b"", packet))


def _well_formed(packet: bytes) -> bool:
    if b"<!" in packet.replace(b"<!--", b""):  # a document type has no place in XMP
        return False
    try:
        packet.decode("utf-8")
        ElementTree.fromstring(packet.strip().strip(b"\0"))
    except (ElementTree.ParseError, UnicodeDecodeError, ValueError):
        return False
    return True
