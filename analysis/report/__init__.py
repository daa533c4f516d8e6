"""The report: one page that can be published, and every number behind it.

`from_export` and `from_table` make `Results`; `page` tells them, `folder` keeps them, `pdf` prints.
"""

from analysis.report.folder import write_report, write_table_report
from analysis.report.from_export import ExportChoices
from analysis.report.from_table import TableChoices
from analysis.report.pdf import NoPdf, print_pdf

__all__ = [
    "ExportChoices",
    "NoPdf",
    "TableChoices",
    "print_pdf",
    "write_report",
    "write_table_report",
]
