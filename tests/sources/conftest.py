import io

import pytest
from django.utils import timezone

from jobs import files
from jobs.models import Category
from sources.models import ImportFile, ImportRun, Source


@pytest.fixture
def source(db):
    return Source.objects.create(name="Research", default_category=Category.objects.get(slug="engineering"))


@pytest.fixture
def upload(source):
    """Keep a file as an import of the source, not yet previewed."""

    def kept(content: bytes, of=source) -> ImportRun:
        content = io.BytesIO(content)
        file = ImportFile.objects.keep(content, name="jobs.csv", overview=files.look_over(content), by=None)
        run = ImportRun.objects.start(source=of, file=file, by=None)
        run.queue(at=timezone.now())
        return run

    return kept
