"""What a password must be, beside Django's own validators: 12 to 128 characters, kept whole."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

LONGEST = 128


class ThriftyArgon2(Argon2PasswordHasher):
    """Argon2id with the least that OWASP's Password Storage Cheat Sheet asks for: 19 MiB, two passes, one lane.

    Django's 100 MiB for each log-in that runs at once is more than a web worker may take in all.
    """

    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1


class LongestPasswordValidator:
    """Refuse what no person types: very long passwords cost hashing time, NUL ends strings in other software."""

    def validate(self, password, user=None):
        if len(password) > LONGEST:
            raise ValidationError(f"Use at most {LONGEST} characters.", code="password_too_long")
        if "\0" in password:
            raise ValidationError("Leave out the NUL character.", code="null_characters_not_allowed")

    def get_help_text(self):
        return f"Your password can have up to {LONGEST} characters."


class MonotonousPasswordValidator:
    """Refuse what is long and yet guessed at once: nothing to be seen, or one character over and over."""

    def validate(self, password, user=None):
        seen = {character for character in password if character.isprintable() and not character.isspace()}
        if not seen:
            raise ValidationError("Use more than spaces and characters that can’t be seen.", code="password_unseen")
        if len(seen) == 1:
            raise ValidationError("Use more than one character over and over.", code="password_monotonous")

    def get_help_text(self):
        return "Your password can’t be one character over and over."
