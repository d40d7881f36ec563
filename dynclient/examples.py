"""The former path of `dynclient.mock.examples`, which users import."""

from dynclient.mock import body_example, minimal, parameter_example, response_example

__all__ = ["body_example", "minimal", "parameter_example", "response_example"]
