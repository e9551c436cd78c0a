"""Guides as files: one YAML mapping each, loaded whole or not at all, as often as one likes: see loading.py."""
