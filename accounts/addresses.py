"""One spelling for each e-mail address, so that no second account can look like the first."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST = 254
HIDDEN = ("C", "Z")  # Unicode's control, format and space characters


def canonical_email(email: str) -> str:
    """The one spelling under which an address is kept: trimmed, in lower case, the domain in ASCII if it can be."""
    name, at, domain = email.strip().lower().rpartition("@")
    try:
        return f"{name}{at}{ascii_domain(domain)}"
    except ValidationError:
        return f"{name}{at}{domain}"


def clean_email(email: str) -> str:
    """The canonical spelling of an address someone typed; ValidationError says what is wrong with it.

    A domain in other letters becomes its ASCII form: Django's validator accepts "exam\\u200bple.com", which a mail
    server takes for example.com.
    """
    email = email.strip().lower()
    if any(unicodedata.category(character)[0] in HIDDEN for character in email):
        raise ValidationError("Enter the address without spaces or hidden characters.", code="invalid")
    if len(email) > LONGEST:
        raise ValidationError(f"Enter an address of at most {LONGEST} characters.", code="max_length")
    validate_email(email)
    name, _, domain = email.rpartition("@")
    return f"{name}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode()
    except UnicodeError as error:
        raise ValidationError("Enter an address whose part after the @ is a domain.", code="invalid") from error
