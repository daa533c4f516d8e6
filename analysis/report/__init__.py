"""The report: one page that can be published, and every number behind it.

`from_export` and `from_table` make `Results`; `page` tells them, `folder` keeps them.
"""

from analysis.report.folder import write_report

__all__ = ["write_report"]
