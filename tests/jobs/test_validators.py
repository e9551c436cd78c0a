import pytest
from django.core.exceptions import ValidationError

from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "url",
    [
        "https://careers.example.com/jobs/7?ref=board#apply",
        "http://example.com",
        "https://example.com:8443/apply",
        "https://münchen.example/stellen",
        "https://93.184.215.14/apply",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    ],
)
def test_a_public_address_may_be_applied_at(url):
    job = JobFactory.build(apply_url=url)

    job.clean_fields(exclude=["category", "company", "slug", "description", "sanitiser"])

    assert job.apply_url == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.com/apply",
        "//example.com/apply",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://①②⑦.⓪.⓪.①/",
        "https://localhost",
        "https://localhost.",
        "https://board.localhost/",
        "https://intranet/",
        "https://wiki.internal/",
        "https://10.0.0.7/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://224.0.0.1/",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://paypal.com@evil.example/",
        "https://user:password@example.com/",
        "https://example.com\\@evil.example/",
        "https://example.com/a b",
        "https://exam\nple.com/",
        "https://example.com:99999/",
        "https://[broken/",
    ],
)
def test_an_address_that_is_not_public_or_hides_its_host_is_refused_at_its_field(url):
    job = JobFactory.build(apply_url=url)

    with pytest.raises(ValidationError) as refusal:
        job.clean_fields(exclude=["category", "company", "slug", "description", "sanitiser"])

    assert list(refusal.value.message_dict) == ["apply_url"]


@pytest.mark.parametrize("email", ["a@b.co\nBcc:x", "a@b.co\nBcc: x@y.zz", "a b@c.de", "a@@b.co"])
def test_an_email_that_could_carry_a_header_is_refused_at_its_field(email):
    job = JobFactory.build(apply_email=email)

    with pytest.raises(ValidationError) as refusal:
        job.clean_fields(exclude=["category", "company", "slug", "description", "sanitiser"])

    assert list(refusal.value.message_dict) == ["apply_email"]
