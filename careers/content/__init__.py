"""Guides as files: one YAML mapping each, loaded whole or not at all, as often as one likes."""

from careers.content.loading import Loaded, load_file, load_guide, load_samples
from careers.content.reading import BadGuide, Problem

__all__ = ["BadGuide", "Loaded", "Problem", "load_file", "load_guide", "load_samples"]
