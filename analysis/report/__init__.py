"""The report: one page that can be published, and every number behind it.

`from_export` makes `Results`, `page` tells them, `folder` keeps them, `pdf` prints them.
"""

from analysis.report.folder import write_report
from analysis.report.from_export import ExportChoices
from analysis.report.pdf import NoPdf, print_pdf

__all__ = ["ExportChoices", "NoPdf", "print_pdf", "write_report"]
