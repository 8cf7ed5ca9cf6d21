"""The one who writes documents down (cases.ports.Papers): DOCX always, PDF where the machine has Chinese letters."""

from __future__ import annotations

from dataclasses import dataclass

from cases.documents import Document
from reports import fonts
from reports.as_docx import docx_of
from reports.as_pdf import pdf_of


@dataclass(frozen=True, slots=True)
class OfficialPapers:
    """`base` is the room's public address, where links lead; `font_folder` comes before the machine's fonts."""

    base: str = ""
    font_folder: str = ""

    def docx(self, document: Document) -> bytes:
        """The file of a document, GB/T 9704."""
        return docx_of(document, self.base)

    def pdf(self, document: Document) -> bytes:
        """The same as PDF; NoChineseFont says what to install. Takes seconds: letters are cut out of fonts."""
        return pdf_of(document, fonts.find(self.font_folder), self.base)
