"""Text from the HTML of an e-mail: read, never rendered. Scripts, styles, pictures and addresses of links fall away."""

from __future__ import annotations

import re

from lxml import etree, html

from intake.standards.mail_parts import decoded

MAX_HTML = 2_000_000
"""How many characters of HTML are read."""
_SILENT = frozenset({"script", "style", "head", "title", "noscript", "template", "object", "svg"})
_BREAKING = frozenset(
    {
        "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip


def from_html(data: bytes, charset: str) -> str:
    """The readable text of ``data``, one line per block, at most one empty line between; "" when there is none."""
    source = decoded(data, charset)[:MAX_HTML].replace("\0", "")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    text = "".join(_pieces(root)).replace("\xa0", " ")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _pieces(root: html.HtmlElement) -> list[str]:
    """The texts below ``root`` in order, with line breaks; walked without recursion, as mail nests tables deeply."""
    pieces: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        is_silent = element.tag in _SILENT
        if event == "start":
            silent += is_silent
            if not silent:
                pieces += ["\n" if element.tag in _BREAKING else "", _flat(element.text)]
            continue
        silent -= is_silent
        if not silent:
            pieces += ["\n" if element.tag in _BREAKING - {"br"} else "", _flat(element.tail)]
    return pieces


def _flat(text: str | None) -> str:
    """``text`` with its line breaks as blanks, which is all they are in HTML."""
    return re.sub(r"\s+", " ", text or "")
