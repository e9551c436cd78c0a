import io

import pytest

from jobs.models import Category
from sources.models import ImportFile, ImportRun, Source


@pytest.fixture
def source(db):
    return Source.objects.create(name="Research", default_category=Category.objects.get(slug="engineering"))


@pytest.fixture
def upload(source):
    """Keep a file as an import of the source, not yet previewed."""

    def kept(content: bytes, of=source) -> ImportRun:
        file = ImportFile.objects.keep(io.BytesIO(content), name="jobs.csv", rows=0, by=None)
        return ImportRun.objects.start(source=of, file=file, by=None)

    return kept
