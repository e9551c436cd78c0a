from alerts.searches import LexemeFrequency, Match, Matching, Search, SearchAnchor  # noqa: F401
