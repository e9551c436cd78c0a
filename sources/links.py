"""Addresses to apply at that don't show where they lead: shorteners, and hosts that give anybody a page in a minute."""

from urllib.parse import urlsplit

SHORTENERS = frozenset(  # names as people write them, one after another
    """
    adf.ly bit.do bit.ly bitly.com bl.ink buff.ly clck.ru cutt.ly dlvr.it fb.me geni.us goo.gl ift.tt is.gd j.mp
    linktr.ee lnkd.in mcaf.ee n9.cl ow.ly rb.gy rebrand.ly s.id short.gy short.io shorte.st shorturl.at shorturl.com
    smarturl.it snip.ly soo.gd t.co t.ly t2m.io tiny.cc tinyurl.com trib.al tr.im u.to urlz.fr v.gd vk.cc w.wiki
    """.split()  # noqa: SIM905 -- a list of words
)
# Also every name under these: anna.github.io is anybody's.
FREE_HOSTS = frozenset(
    """
    000webhostapp.com altervista.org blogspot.com byethost.com carrd.co firebaseapp.com forms.gle github.io gitlab.io
    glitch.me godaddysites.com herokuapp.com infinityfreeapp.com jimdofree.com jimdosite.com netlify.app notion.site
    ngrok.io ngrok-free.app onrender.com pages.dev r2.dev repl.co replit.app sites.google.com surge.sh trycloudflare.com
    tumblr.com vercel.app web.app webflow.io weebly.com wixsite.com wordpress.com workers.dev yolasite.com
    """.split()  # noqa: SIM905 -- a list of words
)


def hides_where_it_leads(url: str) -> bool:
    host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    labels = host.split(".")
    return host in SHORTENERS or any(".".join(labels[start:]) in FREE_HOSTS for start in range(len(labels) - 1))
