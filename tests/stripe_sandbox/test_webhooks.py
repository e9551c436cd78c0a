import json

import pytest
import stripe


@pytest.fixture
def deliver(sandbox, site):
    sandbox.deliver_to(f"{site.url}/webhook/")


def kinds(site):
    return [json.loads(body)["type"] for body, _ in site.received]


def test_thin_events_are_signed_and_lead_to_their_objects(sandbox, api, site, deliver):
    customer = api.customers.create({"email": "sina@example.com"})
    sandbox.wait_for_webhooks()

    [(body, signature)] = site.received
    event = sandbox.client().parse_event_notification(body, signature, sandbox.webhook_secret)

    assert (event.type, event.livemode, event.related_object.id) == ("v1.customer.created", False, customer.id)
    assert event.fetch_related_object().email == "sina@example.com"
    assert event.fetch_event().snapshot_event == api.events.list().data[0].id


@pytest.mark.parametrize("mode", ["forged", "too_old"])
def test_forged_and_old_events_fail_the_check_of_their_signature(sandbox, api, site, deliver, mode):
    sandbox.webhooks(mode)
    api.customers.create({"email": "sina@example.com"})
    sandbox.wait_for_webhooks()

    [(body, signature)] = site.received
    with pytest.raises(stripe.SignatureVerificationError):
        sandbox.client().parse_event_notification(body, signature, sandbox.webhook_secret)


def test_events_can_come_twice_in_reverse_late_and_not_at_all(sandbox, api, site, deliver):
    def make_and_change():
        site.received.clear()
        customer = api.customers.create({"email": "sina@example.com"})
        api.customers.update(customer.id, {"name": "Sina"})

    sandbox.webhooks("duplicate", copies=3)
    make_and_change()
    sandbox.wait_for_webhooks()
    assert kinds(site) == ["v1.customer.created"] * 3 + ["v1.customer.updated"] * 3

    sandbox.webhooks("reversed")
    make_and_change()
    assert kinds(site) == []
    sandbox.wait_for_webhooks()
    assert kinds(site) == ["v1.customer.updated", "v1.customer.created"]

    sandbox.webhooks("delayed", delay=1)
    make_and_change()
    assert kinds(site) == []
    sandbox.wait_for_webhooks()
    assert kinds(site) == ["v1.customer.created", "v1.customer.updated"]

    sandbox.webhooks("dropped")
    make_and_change()
    sandbox.wait_for_webhooks()
    assert kinds(site) == []


def test_what_wasnt_taken_is_sent_again(sandbox, api, site, deliver):
    site.status = 500
    api.customers.create({"email": "sina@example.com"})

    while not sandbox.deliveries():
        pass
    site.status = 200
    sandbox.wait_for_webhooks()

    assert [one["status"] for one in sandbox.deliveries()] == [500, 200]
    assert len({body for body, _ in site.received}) == 1


def test_snapshot_endpoints_get_the_object_as_it_was(sandbox, api, site):
    events = ["customer.created", "customer.updated"]
    endpoint = api.webhook_endpoints.create({"url": f"{site.url}/snapshots/", "enabled_events": events})
    customer = api.customers.create({"email": "sina@example.com"})
    api.customers.update(customer.id, {"email": "new@example.com"})
    sandbox.wait_for_webhooks()

    first, second = (sandbox.client().construct_event(body, sign, endpoint.secret) for body, sign in site.received)

    assert (first.type, first.data.object["email"]) == ("customer.created", "sina@example.com")
    assert (second.type, second.data.object["email"]) == ("customer.updated", "new@example.com")
    assert second.data.previous_attributes["email"] == "sina@example.com"


def test_a_destination_of_ones_own_tells_its_secret_once(sandbox, api, site):
    destinations = sandbox.client().v2.core.event_destinations
    made = destinations.create(
        {
            "name": "Mine",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.customer.created"],
            "webhook_endpoint": {"url": f"{site.url}/mine/"},
            "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
        }
    )
    customer = api.customers.create({"email": "sina@example.com"})
    api.customers.delete(customer.id)
    sandbox.wait_for_webhooks()

    [(body, signature)] = site.received
    event = sandbox.client().parse_event_notification(body, signature, made.webhook_endpoint.signing_secret)
    [listed] = destinations.list({"include": ["webhook_endpoint.url"]}).data
    assert event.related_object.id == customer.id
    assert (listed.webhook_endpoint.url, listed.webhook_endpoint.signing_secret) == (f"{site.url}/mine/", None)
