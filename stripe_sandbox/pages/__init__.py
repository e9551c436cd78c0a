"""The hosted pages, which a person's browser sees."""
