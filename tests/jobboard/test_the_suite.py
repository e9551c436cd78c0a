"""The rules of the suite hold."""

import socket

import pytest
from django.conf import settings
from django.template import Template, engines
from django.template.base import Origin
from django.template.context import make_context

from tests.strict_templates import MisspeltVariable


def test_a_misspelt_variable_in_our_templates_fails():
    with pytest.raises(MisspeltVariable, match=r"jbo\.title"):
        rendered("{{ jbo.title }}", settings.BASE_DIR / "templates" / "page.html")


def test_a_librarys_template_stays_lenient():
    assert rendered("{{ missing|default:'none' }}", "/elsewhere/page.html") == "none"


def rendered(source, origin):
    template = Template(source, origin=Origin(str(origin)), engine=engines["django"].engine)
    return template.render(make_context({}))


def test_the_network_is_closed():
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
