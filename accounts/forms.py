"""allauth's forms in our words, and the forms of the account's own pages."""

import re
import struct
from contextlib import contextmanager

from allauth.account import forms as account_forms
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.socialaccount.forms import SignupForm as AllauthSocialSignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts import regions
from accounts.addresses import clean_email
from accounts.models import User
from accounts.passwords import LONGEST
from accounts.widgets import LongSelect

PASSWORD_HELP = f"12 to {LONGEST} characters. A few unrelated words are easy to remember and hard to guess."


class WordedForm:
    """Gives fields our labels and help, and takes allauth's placeholders away: a label says it better."""

    labels: dict[str, str] = {}
    help_texts: dict[str, str] = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, "")
            field.widget.attrs.pop("placeholder", None)


class TypedAddress:
    """Looks for an address as it was typed under the one spelling in which addresses are kept."""

    def clean_email(self):
        self.cleaned_data["email"] = clean_email(self.cleaned_data["email"])
        return super().clean_email()


class LoginForm(WordedForm, account_forms.LoginForm):
    labels = {"login": "E-mail address", "password": "Password"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"

    def clean_login(self):
        return clean_email(self.cleaned_data["login"])


class SignupForm(WordedForm, account_forms.SignupForm):
    labels = {"email": "E-mail address", "password1": "Password", "homepage": "Leave this field empty"}
    help_texts = {"password1": PASSWORD_HELP}

    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput(attrs={"data-time-zone": ""}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["homepage"].widget = forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})

    def try_save(self, request):
        """Answer the same for a known address, in the same time, also when two requests bring it at once."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # takes as long as keeping a new password
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            self.account_already_exists = True
            return super().try_save(request)

    def custom_signup(self, request, user):
        zone = self.cleaned_data["time_zone"]
        if zone in regions.time_zones():
            user.time_zone = zone
            user.save(update_fields=["time_zone"])


class DeletionForm(forms.Form):
    """A second click on the button that deletes must not be enough."""

    sure = forms.BooleanField(
        label="Yes, delete my account and everything in it",
        error_messages={"required": "Tick this to delete the account."},
    )


class SocialSignupForm(WordedForm, AllauthSocialSignupForm):
    labels = {"email": "E-mail address"}


class AddEmailForm(WordedForm, account_forms.AddEmailForm):
    labels = {"email": "New e-mail address"}
    help_texts = {"email": "We mail a link there. Your present address stays until you confirm the new one."}

    @transaction.atomic
    def save(self, request):
        User.objects.select_for_update().get(pk=self.user.pk)  # a double click must not add two
        return super().save(request)


class ChangePasswordForm(WordedForm, account_forms.ChangePasswordForm):
    labels = {"oldpassword": "Present password", "password1": "New password", "password2": "New password again"}
    help_texts = {"password1": PASSWORD_HELP}


class SetPasswordForm(WordedForm, account_forms.SetPasswordForm):
    labels = {"password1": "Password", "password2": "Password again"}
    help_texts = {"password1": PASSWORD_HELP}


class ResetPasswordForm(WordedForm, TypedAddress, account_forms.ResetPasswordForm):
    labels = {"email": "E-mail address"}


class ResetPasswordKeyForm(WordedForm, account_forms.ResetPasswordKeyForm):
    labels = {"password1": "New password", "password2": "New password again"}
    help_texts = {"password1": PASSWORD_HELP}


class ReauthenticateForm(WordedForm, account_forms.ReauthenticateForm):
    labels = {"password": "Password"}


class RequestLoginCodeForm(WordedForm, TypedAddress, account_forms.RequestLoginCodeForm):
    labels = {"email": "E-mail address"}


class ConfirmLoginCodeForm(WordedForm, account_forms.ConfirmLoginCodeForm):
    """What can't be a code of ours is told apart from a wrong one: only that costs a try."""

    labels = {"code": "Code from the mail"}
    CODE = re.compile("[A-Za-z]{8}")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = "Enter the code from the mail."

    def clean_code(self):
        if not self.CODE.fullmatch(re.sub(r"[\W_]", "", self.cleaned_data["code"])):
            raise forms.ValidationError("A code has eight letters, such as BCDF-GHJK.", code="no_code")
        return super().clean_code()

    @property
    def is_wrong(self) -> bool:
        return self.has_error("code", "incorrect_code")


class AuthenticateForm(WordedForm, mfa_forms.AuthenticateForm):
    labels = {"code": "Code"}
    help_texts = {"code": "From your authenticator app, or one of your recovery codes."}


class MFAReauthenticateForm(WordedForm, mfa_forms.ReauthenticateForm):
    labels = {"code": "Code"}
    help_texts = {"code": "From your authenticator app, or one of your recovery codes."}


class ActivateTOTPForm(WordedForm, AllauthActivateTOTPForm):
    labels = {"code": "Code from the app"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


@contextmanager
def forgeries_refused():
    """A forged credential makes the decoder below allauth fail in ways allauth doesn't expect; that is a wrong code."""
    try:
        yield
    except (LookupError, ValueError, TypeError, AttributeError, struct.error) as error:
        raise get_adapter().validation_error("incorrect_code") from error


class GuardedCredential:
    def clean_credential(self):
        with forgeries_refused():
            return super().clean_credential()


class LoginPasskeyForm(GuardedCredential, webauthn_forms.LoginWebAuthnForm):
    pass


class AuthenticatePasskeyForm(GuardedCredential, webauthn_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(GuardedCredential, webauthn_forms.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(WordedForm, webauthn_forms.AddWebAuthnForm):
    labels = {"name": "Name", "passwordless": "Log in with it alone, without a password"}
    help_texts = {
        "name": "So that you know it again, such as “Phone” or “Work laptop”.",
        "passwordless": "The device then asks for your fingerprint, face or PIN.",
    }
    NAME_LENGTH = 60

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"passwordless": True} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["maxlength"] = self.NAME_LENGTH

    def clean_name(self):
        return super().clean_name()[: self.NAME_LENGTH]

    def clean(self):
        with forgeries_refused():
            return super().clean()


class EditPasskeyForm(WordedForm, webauthn_forms.EditWebAuthnForm):
    labels = {"name": "Name"}
    name = forms.CharField(max_length=AddPasskeyForm.NAME_LENGTH)


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        choices=regions.time_zone_choices,
        help_text="Alerts come at this place's hours.",
        widget=LongSelect(attrs={"data-time-zone": ""}),
    )
    country = forms.ChoiceField(
        required=False,
        choices=regions.country_choices,
        widget=LongSelect(attrs={"autocomplete": "country"}),
    )
    locale = forms.ChoiceField(
        label="Dates and amounts",
        choices=regions.locale_choices,
        help_text="How dates, numbers and pay are written for you.",
        widget=LongSelect,
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "country", "locale", "theme", "wants_reminders", "wants_news"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"}), "theme": forms.RadioSelect}
        labels = {
            "wants_reminders": "Remind me of saved jobs that close soon",
            "wants_news": "Tell me when this site gets something new",
        }
        help_texts = {"name": "Only you and the people who run this site see it."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.keep_present_choice("time_zone")
        self.keep_present_choice("locale")

    def keep_present_choice(self, name):
        """A value kept from elsewhere (an older zone's name, say) must not be lost by saving the form."""
        field, value = self.fields[name], getattr(self.instance, name)
        if not field.valid_value(value):
            field.choices = [(value, value), *field.choices]
