from alerts.alert import Alert  # noqa: F401
from alerts.digests import Digest, DigestItem  # noqa: F401
from alerts.planning import Watermark  # noqa: F401
from alerts.requests import AlertRequest  # noqa: F401
from alerts.searches import LexemeFrequency, Match, Matching, Search, SearchAnchor  # noqa: F401
from alerts.stopping import Unsubscription  # noqa: F401
from alerts.suppressions import Suppression  # noqa: F401
