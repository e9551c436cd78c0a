"""Web push against a real endpoint on loopback that reads what a browser would."""

import json
from datetime import timedelta

import pytest
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


@pytest.mark.parametrize("status", [400, 413, 429, 500])
def test_a_service_that_refuses_is_not_asked_again_and_the_device_stays(service, browser, planned, seeker, status):
    service.answers["/phone"] = (status, {})
    planned(JobFactory())

    counts = [pushing.send_pushes(), pushing.send_pushes()]

    assert (counts, len(service.told), seeker.devices.count(), twin().state) == ([0, 0], 1, 1, "failed")


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


def test_nobody_removes_somebody_elses_device(stranger_client, browser, seeker):
    answer = stranger_client.post(reverse("alerts:remove_device", args=[seeker.devices.get().pk]))

    assert (answer.status_code, seeker.devices.count()) == (404, 1)


def test_the_longest_job_fits_into_a_message(service, browser, planned):
    planned(JobFactory(title="Ö" * 150, company=CompanyFactory(name="ü" * 150), location="ß" * 150))

    pushing.send_pushes()

    assert len(service.told[0][2]) < 3000
    assert len(json.dumps(browser.read(service.told[0][2]))) > 0
