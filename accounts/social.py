from allauth.account.utils import user_field
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "email_taken": "An account with this address exists. Log in to it first, then connect your %s account.",
        "no_password": "Set a password first: without one you couldn't log in any more.",
        "no_verified_email": "Confirm your e-mail address first.",
        "disconnect_last": "This is the only way you can log in. Set a password first.",
    }

    def populate_user(self, request, sociallogin, data):
        """Our people have one name, not a first and a last one."""
        user = super().populate_user(request, sociallogin, data)
        name = data.get("name") or " ".join(filter(None, [data.get("first_name"), data.get("last_name")]))
        user_field(user, "name", name)
        return user
