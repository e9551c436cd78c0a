"""Make a misspelt variable in one of our templates an error; a library's own templates stay as lenient as ever."""

import sys
from contextlib import contextmanager
from pathlib import Path

from django.template import engines
from django.template.base import FilterExpression


class MisspeltVariable(AssertionError):
    pass


class Absent(str):
    """Stands for a variable that isn't there; asked for its truth by Django just before it would be printed as ''."""

    def __bool__(self):
        caller = sys._getframe(1)
        if caller.f_code is FilterExpression.resolve.__code__:
            self.refuse_in_our_templates(caller.f_locals["self"], caller.f_locals["context"])
        return False

    def refuse_in_our_templates(self, expression, context):
        origin = context.render_context.template.origin.name
        if origin.startswith(self.folder):
            raise MisspeltVariable(f"{{{{ {expression.token} }}}} in {origin} names nothing")


@contextmanager
def fail_on_misspelt_variables(folder: Path):
    """Within the block, printing a variable that isn't in the context raises MisspeltVariable below `folder`."""
    engine = engines["django"].engine
    usual, engine.string_if_invalid = engine.string_if_invalid, Absent()
    engine.string_if_invalid.folder = str(folder)
    yield
    engine.string_if_invalid = usual
