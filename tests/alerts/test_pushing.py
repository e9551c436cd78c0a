"""Web push against a real endpoint on loopback that reads what a browser would."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts import pushing
from alerts.devices import Device, NoDevice, check, may_be_called
from alerts.models import Digest
from alerts.planning import plan_digests
from alerts.push_service import public_key
from alerts.rhythm import Rhythm
from jobboard.settings import new_push_key
from tests.alerts.conftest import find
from tests.alerts.push_server import Browser, claims_of, push_service
from tests.factories import CompanyFactory, JobFactory

ALLOW, DEVICES = reverse("alerts:allow_device"), reverse("alerts:devices")
MOZILLA = "https://updates.push.services.mozilla.com/wpush/v2/gAAAA"


@pytest.fixture
def service(settings):
    settings.PUSH_PRIVATE_KEY = new_push_key()
    with push_service() as service:
        settings.PUSH_TEST_SERVERS = [service.origin]
        yield service


@pytest.fixture
def browser(seeker, service):
    browser = Browser()
    Device.objects.allow(seeker, endpoint=service.endpoint("phone"), name="Phone", at=timezone.now(), **browser.keys)
    return browser


@pytest.fixture
def planned(seeker, keep):
    """A mail and its twin about these jobs; instant alerts may be gathered for some minutes first."""

    def planned(*jobs, **fields):
        alert = keep(seeker, rhythm=Rhythm.INSTANT, **fields)
        find(alert, *jobs)
        for minutes in (0, 5):
            plan_digests(timezone.now() + timedelta(minutes=minutes))
        Digest.objects.update(created_at=timezone.now(), next_attempt_at=timezone.now())
        return alert

    return planned


def twin() -> Digest:
    return Digest.objects.get(channel="push")


def test_a_device_is_told_title_company_pay_and_place_and_opens_the_job(service, browser, planned, client):
    job = JobFactory(
        title="Baker", company=CompanyFactory(name="Crust"), pay_min=5_000_000, pay_currency="EUR", pay_period="year"
    )
    planned(job)

    told = pushing.send_pushes()

    [(path, headers, body)] = service.told
    message = browser.read(body)
    assert (told, path, twin().state) == (1, "/phone", "sent")
    assert message["title"] == "Baker at Crust"
    assert message["body"] == "From €50,000 a year · Remote, Berlin, Germany"
    assert client.get(message["url"]).url == job.get_absolute_url()
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "43200")


def test_we_are_known_by_our_key_and_name_a_contact(service, browser, planned, settings):
    planned(JobFactory())

    pushing.send_pushes()

    claims, key = claims_of(service.told[0][1]["authorization"])
    assert (claims["aud"], claims["sub"]) == (service.origin, f"mailto:{settings.SITE_CONTACT}")
    assert key == public_key(settings.PUSH_PRIVATE_KEY)


def test_nothing_of_it_can_be_read_on_the_way(service, browser, planned):
    planned(JobFactory(title="Secretbaker"))

    pushing.send_pushes()

    assert b"Secretbaker" not in service.told[0][2]


def test_a_device_is_told_once_however_often_workers_look(service, browser, planned):
    planned(JobFactory())

    counts = [pushing.send_pushes() for _ in range(3)]

    assert (counts, len(service.told)) == ([1, 0, 0], 1)


def test_a_worker_that_died_while_telling_is_not_followed_by_another(service, browser, planned):
    planned(JobFactory())
    pushing.claim(timezone.now())
    Digest.objects.filter(channel="push").update(lease_until=timezone.now() - timedelta(seconds=1))

    pushing.send_pushes()

    assert (service.told, twin().state) == ([], "failed")


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten_and_the_others_are_told(service, browser, planned, seeker, status):
    Device.objects.allow(
        seeker, endpoint=service.endpoint("tablet"), name="Tablet", at=timezone.now(), **Browser().keys
    )
    service.answers["/phone"] = (status, {})
    planned(JobFactory())

    told = pushing.send_pushes()

    assert (told, list(seeker.devices.values_list("name", flat=True)), twin().state) == (1, ["Tablet"], "sent")


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_service_that_refuses_is_not_asked_again_and_the_device_stays(service, browser, planned, seeker, status):
    service.answers["/phone"] = (status, {})
    planned(JobFactory())

    counts = [pushing.send_pushes(), pushing.send_pushes()]

    assert (counts, len(service.told), seeker.devices.count(), twin().state) == ([0, 0], 1, 1, "failed")


@pytest.mark.parametrize(
    ("status", "headers", "minutes"),
    [
        (429, {}, 1),
        (500, {}, 1),
        (503, {"Retry-After": "600"}, 10),
        (429, {"Retry-After": "5"}, 1),
        (503, {"Retry-After": "in a while"}, 1),
        (429, {"Retry-After": "Fri, 27 Nov 1987 10:00:00 GMT"}, 1),
    ],
)
def test_a_busy_service_is_asked_again_when_it_says_or_a_minute_later(
    service, browser, planned, status, headers, minutes
):
    service.answers["/phone"] = (status, headers)
    planned(JobFactory())

    first = pushing.send_pushes()

    wait = twin().next_attempt_at - timezone.now()
    assert (first, twin().state, len(service.told)) == (0, "ready", 1)
    assert timedelta(minutes=minutes, seconds=-30) < wait <= timedelta(minutes=minutes)
    service.answers.clear()
    Digest.objects.update(next_attempt_at=timezone.now())
    assert (pushing.send_pushes(), twin().state, len(service.told)) == (1, "sent", 2)


def test_while_one_service_is_busy_the_other_devices_are_told_once(service, browser, planned, seeker):
    Device.objects.allow(
        seeker, endpoint=service.endpoint("tablet"), name="Tablet", at=timezone.now(), **Browser().keys
    )
    service.answers["/phone"] = (503, {})
    planned(JobFactory())

    pushing.send_pushes()
    service.answers.clear()
    Digest.objects.update(next_attempt_at=timezone.now())
    pushing.send_pushes()

    assert sorted(path for path, _, _ in service.told) == ["/phone", "/phone", "/tablet"]
    assert twin().state == "sent"


def test_a_service_that_stays_busy_is_asked_four_times(service, browser, planned):
    service.answers["/phone"] = (503, {})
    planned(JobFactory())

    for _ in range(6):
        pushing.send_pushes()
        Digest.objects.update(next_attempt_at=timezone.now())

    assert (len(service.told), twin().state, twin().reason) == (4, "failed", "no device took it")


def test_nobody_waits_longer_than_a_notification_is_worth(service, browser, planned):
    service.answers["/phone"] = (429, {"Retry-After": "99999999999999"})
    planned(JobFactory())

    pushing.send_pushes()

    assert (len(service.told), twin().state) == (1, "failed")


def renewal(before: Browser, after: Browser, **changes) -> dict:
    """What a browser posts when its subscription has become another."""
    old = {"endpoint": f"{MOZILLA}old", "keys": {"p256dh": before.keys["key"], "auth": before.keys["auth"]}}
    new = {"endpoint": f"{MOZILLA}new", "keys": {"p256dh": after.keys["key"], "auth": after.keys["auth"]}}
    return {"old": old, "new": new} | changes


def renew(client, body) -> int:
    return client.post(reverse("alerts:renew_device"), body, content_type="application/json").status_code


def test_a_browser_with_a_new_subscription_stays_the_same_device_without_a_login(seeker, service):
    before, after = Browser(), Browser(auth=b"fedcba9876543210")
    Device.objects.allow(seeker, endpoint=f"{MOZILLA}old", name="Phone", at=timezone.now(), **before.keys)
    nobody = Client(enforce_csrf_checks=True)

    first, second = (renew(nobody, renewal(before, after)) for _ in range(2))

    device = seeker.devices.get()
    assert (first, second) == (204, 404)
    assert (device.endpoint, device.key, device.auth) == (f"{MOZILLA}new", after.keys["key"], after.keys["auth"])
    assert device.name == "Phone"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"old": {"endpoint": f"{MOZILLA}old", "keys": {"auth": "AAAAAAAAAAAAAAAAAAAAAA"}}}, 404),
        ({"old": {"endpoint": f"{MOZILLA}none", "keys": Browser().keys}}, 404),
        ({"new": {"endpoint": "https://evil.test/", "keys": {"p256dh": Browser().keys["key"], "auth": "MDEy"}}}, 400),
        ({"new": None}, 400),
        ({"new": {"endpoint": 7, "keys": {"p256dh": [], "auth": {}}}}, 400),
        ({"old": {"endpoint": "\x00", "keys": {"auth": "é"}}}, 400),
    ],
)
def test_only_the_secret_of_the_old_subscription_moves_a_device_and_only_to_a_push_service(
    seeker, client, service, change, status
):
    before = Browser()
    Device.objects.allow(seeker, endpoint=f"{MOZILLA}old", name="Phone", at=timezone.now(), **before.keys)

    answer = renew(client, renewal(before, Browser(), **change))

    assert (answer, seeker.devices.get().endpoint) == (status, f"{MOZILLA}old")


@pytest.mark.parametrize("body", ["", "[", "[]", "null", '"x"', "[" * 100_000])
def test_what_is_no_renewal_is_refused(client, db, body):
    assert renew(client, body) == 400


def test_no_redirect_is_followed(service, browser, planned):
    service.answers["/phone"] = (307, {"Location": service.endpoint("elsewhere")})
    planned(JobFactory())

    pushing.send_pushes()

    assert [path for path, _, _ in service.told] == ["/phone"]


def test_a_service_that_is_down_keeps_nobody_waiting(service, browser, planned, settings):
    settings.PUSH_TEST_SERVERS = ["http://127.0.0.1:9"]
    Device.objects.update(endpoint="http://127.0.0.1:9/phone")
    planned(JobFactory())

    assert (pushing.send_pushes(), twin().state) == (0, "failed")


def test_a_host_that_is_not_known_any_more_is_not_called(service, browser, planned, settings):
    settings.PUSH_TEST_SERVERS = []
    planned(JobFactory())

    assert (pushing.send_pushes(), service.told) == (0, [])


def test_jobs_that_closed_and_alerts_that_paused_are_not_told(service, browser, planned):
    alert = planned(JobFactory(title="Baker"))
    alert.pause(timezone.now(), by="person")

    assert (pushing.send_pushes(), service.told, twin().state) == (0, [], "suppressed")


def test_what_comes_too_late_is_not_told(service, browser, planned):
    planned(JobFactory())
    Digest.objects.update(created_at=timezone.now() - timedelta(hours=3))

    assert (pushing.send_pushes(), service.told, twin().reason) == (0, [], "too late to tell")


def test_nobody_without_a_device_has_a_twin(service, planned):
    planned(JobFactory())

    assert Digest.objects.filter(channel="push").count() == 0


def test_without_a_key_there_are_no_twins_and_the_page_says_so(browser, planned, seeker_client, settings):
    settings.PUSH_PRIVATE_KEY = ""
    planned(JobFactory())

    assert Digest.objects.filter(channel="push").count() == 0
    assert "This site sends no notifications." in seeker_client.get(DEVICES).content.decode()


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        (MOZILLA, True),
        ("https://fcm.googleapis.com/fcm/send/abc:def", True),
        ("https://web.push.apple.com/QGuQ", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com.evil.test/x", False),
        ("https://evil.test/fcm.googleapis.com", False),
        ("https://fcm.googleapis.com@evil.test/x", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("https://evilpush.apple.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1]/x", False),
        ("https://①②⑦.⓪.⓪.①/x", False),
        ("https://fcm.googleapis.com\\@evil.test/x", False),
        ("https://fcm.googleapis.com:x/", False),
        ("https://[fcm.googleapis.com/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_known_push_services_are_ever_called(endpoint, allowed):
    assert may_be_called(endpoint) is allowed


@pytest.mark.parametrize(
    "keys",
    [
        {"key": "", "auth": ""},
        {"key": "x" * 87, "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"key": Browser().keys["key"], "auth": "AAAA"},
        {"key": Browser().keys["key"][:-4] + "!!!!", "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"key": Browser().keys["auth"], "auth": Browser().keys["key"]},
    ],
)
def test_keys_that_no_browser_makes_are_refused(keys):
    with pytest.raises(NoDevice):
        check(MOZILLA, **keys)


def test_a_browser_is_allowed_listed_and_removed(seeker, seeker_client, service):
    agent = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"

    page = seeker_client.post(
        ALLOW, {"endpoint": MOZILLA, **Browser().keys}, headers={"User-Agent": agent}, follow=True
    ).content.decode()
    device = seeker.devices.get()
    after = seeker_client.post(reverse("alerts:remove_device", args=[device.pk]), follow=True).content.decode()

    assert "<b>Firefox on Android</b>" in page
    assert ("Firefox on Android is told nothing any more." in after, seeker.devices.count()) == (True, 0)


def test_what_is_no_subscription_is_told_and_not_kept(seeker, seeker_client, service):
    page = seeker_client.post(
        ALLOW, {"endpoint": "https://evil.test/\x00", **Browser().keys}, follow=True
    ).content.decode()

    assert ("is not one that we know" in page, seeker.devices.count()) == (True, 0)


def test_the_same_browser_belongs_to_whoever_allowed_it_last(seeker, stranger, service):
    keys = Browser().keys
    for owner in (seeker, stranger):
        Device.objects.allow(owner, endpoint=MOZILLA, name="Phone", at=timezone.now(), **keys)

    assert (seeker.devices.count(), stranger.devices.count()) == (0, 1)


def test_the_eleventh_device_takes_the_place_of_the_oldest(seeker, service):
    for n in range(11):
        at = timezone.now() + timedelta(minutes=n)
        Device.objects.allow(seeker, endpoint=f"{MOZILLA}{n}", name=f"Phone {n}", at=at, **Browser().keys)

    assert [device.name for device in seeker.devices.for_list()] == [f"Phone {n}" for n in range(10, 0, -1)]


def test_a_device_of_somebody_else_one_removed_already_and_none_are_told_alike(
    seeker, seeker_client, stranger_client, browser, service
):
    device = seeker.devices.get()
    addresses = [reverse("alerts:remove_device", args=[pk]) for pk in (device.pk, device.pk + 1)]

    strange = [stranger_client.post(address, follow=True) for address in addresses]
    kept = seeker.devices.count()
    first, second = (seeker_client.post(addresses[0], follow=True) for _ in range(2))

    assert (kept, seeker.devices.count()) == (1, 0)
    assert [answer.redirect_chain for answer in [*strange, second]] == [[(reverse("alerts:devices"), 302)]] * 3
    said = [[str(message) for message in answer.context["messages"]] for answer in [*strange, second, first]]
    assert said[:3] == [["That browser was removed already."]] * 3
    assert said[3] == [f"{device.name} is told nothing any more."]


def test_the_longest_job_fits_into_a_message(service, browser, planned):
    planned(JobFactory(title="Ö" * 150, company=CompanyFactory(name="ü" * 150), location="ß" * 150))

    pushing.send_pushes()

    assert len(service.told[0][2]) < 3000
    assert len(json.dumps(browser.read(service.told[0][2]))) > 0
