"""settings.py, .env.example and the README's table name the same variables."""

import re

from django.conf import settings


def test_every_variable_is_in_the_example_and_in_the_readme():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text_of("jobboard/settings.py")))
    example = set(re.findall(r"^([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", text_of("README.md"), re.MULTILINE)
    table = set(re.findall(r"[A-Z_]+", " ".join(rows)))

    assert (example, table) == (read, read)


def text_of(name):
    return (settings.BASE_DIR / name).read_text()
