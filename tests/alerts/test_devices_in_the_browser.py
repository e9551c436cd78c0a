"""Notifications in a real Chromium: the page, the worker, and what it shows. A push service is out of reach here."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from alerts.models import Device
from jobboard.settings import new_push_key
from tests.alerts.push_server import Browser

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/alerts/");
  return (await registration.getNotifications()).map(({ title, body, data }) => ({ title, body, url: data.url }));
}"""

# Chromium grants waitUntil to its own events only.
REPLACED = """async ([before, after]) => {
  const event = new ExtendableEvent("pushsubscriptionchange");
  let done;
  event.waitUntil = (promise) => { done = promise; };
  event.oldSubscription = { toJSON: () => before, options: {} };
  self.registration.pushManager.subscribe = async () => ({ toJSON: () => after });
  self.dispatchEvent(event);
  await done;
}"""


@pytest.fixture
def devices_page(chromium, live_server, seeker, seeker_client, settings):
    """The page of somebody who is logged in, in a browser that lets the site notify."""
    settings.PUSH_PRIVATE_KEY = new_push_key()
    context = chromium.new_context(viewport={"width": 360, "height": 800})
    context.grant_permissions(["notifications"], origin=live_server.url)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": seeker_client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/alerts/devices/")
    yield page
    context.close()


def test_the_worker_runs_under_our_policy_and_shows_what_it_is_told(devices_page, live_server):
    cdp = devices_page.context.new_cdp_session(devices_page)
    known = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.extend(event["registrations"]))
    cdp.send("ServiceWorker.enable")
    devices_page.evaluate("navigator.serviceWorker.register(document.querySelector('[data-push]').dataset.worker)")
    devices_page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    told = {"title": "Baker at Crust", "body": "€50,000", "url": "/jobs/1/baker/", "icon": "", "tag": "digest-1"}

    cdp.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": live_server.url, "registrationId": known[0]["registrationId"], "data": json.dumps(told)},
    )

    shown = devices_page.wait_for_function(f"({SHOWN})().then((shown) => shown.length > 0 && shown)").json_value()
    assert shown == [{"title": "Baker at Crust", "body": "€50,000", "url": "/jobs/1/baker/"}]
    assert devices_page.problems == []


def test_a_browser_without_a_push_service_is_told_so_and_nothing_is_kept(devices_page, seeker):
    devices_page.get_by_role("button", name="Tell this browser").click()

    expect(devices_page.locator("[data-push-said]")).to_contain_text("push service couldn't be reached")
    assert seeker.devices.count() == 0


def test_what_the_browser_subscribed_with_is_kept(devices_page, seeker):
    """With a subscription as push services make them put in the place of the one that can't be had here."""
    key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    subscription = {
        "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
        "keys": {"p256dh": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    }
    devices_page.evaluate(
        "made => { PushManager.prototype.subscribe = async () => ({ toJSON: () => made }); }", subscription
    )

    devices_page.get_by_role("button", name="Tell this browser").click()

    expect(devices_page.get_by_text("This browser is told of new jobs from now on.")).to_be_visible()
    expect(devices_page.get_by_text("Chrome on Linux", exact=True)).to_be_visible()
    assert seeker.devices.get().key == key


def test_a_subscription_that_the_push_service_replaced_is_told_to_the_site(devices_page, seeker):
    """By the worker alone, without a login. The event is ours: no push service is here."""
    before, after = (
        {
            "endpoint": f"https://fcm.googleapis.com/fcm/send/{name}",
            "keys": {"p256dh": browser.keys["key"], "auth": browser.keys["auth"]},
        }
        for name, browser in (("old", Browser()), ("new", Browser()))
    )
    Device.objects.allow(
        seeker,
        endpoint=before["endpoint"],
        key=before["keys"]["p256dh"],
        auth=before["keys"]["auth"],
        name="Phone",
        at=timezone.now(),
    )
    with devices_page.context.expect_event("serviceworker") as worker:
        devices_page.evaluate("navigator.serviceWorker.register(document.querySelector('[data-push]').dataset.worker)")
    devices_page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    worker.value.evaluate(REPLACED, [before, after])

    device = seeker.devices.get()
    assert (device.endpoint, device.key) == (after["endpoint"], after["keys"]["p256dh"])
    assert devices_page.problems == []
