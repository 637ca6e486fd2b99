"""The world of the pages, for questions that are asked of a program with a check taken away."""

from tests.web.conftest import _template, fresh, plain_log

__all__ = ["_template", "fresh", "plain_log"]
