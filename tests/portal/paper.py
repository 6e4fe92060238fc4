"""What a citizen encloses: a one-page PDF with a line of text."""

from __future__ import annotations


def paper(text: str) -> bytes:
    """A PDF that says ``text``."""
    letters = "".join(f"\\{letter}" if letter in "\\()" else letter for letter in text)
    drawing = b"BT /F1 14 Tf 72 770 Td (" + letters.encode("cp1252", "replace") + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
    )
    out, table = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj" % number + content + b"endobj\n"
    start, count = len(out), len(objects) + 1
    return (
        out
        + b"xref\n0 %d\n" % count
        + table
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        % (
            count,
            start,
        )
    )
