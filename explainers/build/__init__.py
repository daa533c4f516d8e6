"""Building a stimulus folder: resumable, repeatable, and never half-written."""

from explainers.build.layers import STYLES
from explainers.build.run import Build, Report

__all__ = ["STYLES", "Build", "Report"]
