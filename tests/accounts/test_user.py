from accounts.models import User


def test_an_address_is_kept_in_lower_case(db):
    user = User.objects.create_user(" Jo@Example.COM ", "correct horse battery")

    assert user.email == "jo@example.com"
