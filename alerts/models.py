from alerts.alert import Alert
from alerts.attention import KeptPace
from alerts.clicks import Click
from alerts.devices import Device
from alerts.digests import Digest, DigestItem
from alerts.feeds import Feed
from alerts.mail_events import MailEvent
from alerts.requests import AlertRequest
from alerts.searches import LexemeFrequency, Match, Matching, Search, SearchAnchor
from alerts.stopping import Unsubscription
from alerts.suppressions import Suppression
from alerts.watermarks import Watermark

# Django finds the models of an app through this module; each lives in the module of what it is for.
__all__ = [
    "Alert",
    "AlertRequest",
    "Click",
    "Device",
    "Digest",
    "DigestItem",
    "Feed",
    "KeptPace",
    "LexemeFrequency",
    "MailEvent",
    "Match",
    "Matching",
    "Search",
    "SearchAnchor",
    "Suppression",
    "Unsubscription",
    "Watermark",
]
