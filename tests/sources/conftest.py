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
        run = ImportRun.objects.create(source=of, file_name="jobs.csv")
        ImportFile.objects.create(run=run, content=content)
        return run

    return kept
