from accounts import regions


def test_the_names_of_locales_are_those_that_babel_knows():
    """After an upgrade of Babel: write what locale_names() gives to accounts/locales.tsv."""
    assert regions.locale_choices() == regions.locale_names()


def test_locales_are_named_in_their_own_words():
    assert dict(regions.locale_choices())["de-AT"] == "Deutsch (Österreich)"
