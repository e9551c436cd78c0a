"""Loading guides from their files."""

from careers.content import load_samples
from careers.models import Guide


def test_samples_are_loaded_and_published_once(db):
    first, second = load_samples(), load_samples()

    assert (sorted(guide.slug for guide in first), second) == (sorted(Guide.objects.values_list("slug", flat=True)), [])
