"""A preregistration, filled in from the protocol."""

from experiments.preregistration.forms import Form, preregistration
from experiments.preregistration.plan import Plan

__all__ = ["Form", "Plan", "preregistration"]
