"""The one who writes documents down (cases.ports.Papers): DOCX always, PDF where the machine has Chinese letters."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from cases.documents import Document
from reports import fonts


@dataclass(frozen=True, slots=True)
class OfficialPapers:
    """`base` is the room's public address, where links lead; `font_folder` comes before the machine's fonts.

    `apart` sets PDFs in a process of their own: cutting letters is seconds of pure Python, too much for a web process.
    """

    base: str = ""
    font_folder: str = ""
    apart: bool = False

    def docx(self, document: Document) -> bytes:
        """The file of a document, GB/T 9704."""
        from reports.as_docx import docx_of  # noqa: PLC0415 — heavy; most processes write nothing

        return docx_of(document, self.base)

    def pdf(self, document: Document) -> bytes:
        """The same as PDF; NoChineseFont says what to install. Takes seconds: letters are cut out of fonts."""
        from reports.as_pdf import pdf_of  # noqa: PLC0415 — heavy; most processes write nothing

        found = dict(fonts.find(self.font_folder))
        if not self.apart:
            return pdf_of(document, found, self.base)
        with ProcessPoolExecutor(1, get_context("spawn"), os.nice, (10,)) as beside:
            return beside.submit(pdf_of, document, found, self.base).result()
