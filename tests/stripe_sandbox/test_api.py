"""Keys, lists, errors and expansion: what every operation has in common."""

import http.client
import json

import pytest
import stripe


def test_a_live_key_is_refused_and_not_repeated(sandbox):
    client = stripe.StripeClient("sk_live_verysecret", base_addresses={"api": sandbox.address})

    with pytest.raises(stripe.AuthenticationError) as refused:
        client.v1.customers.list()

    assert "verysecret" not in str(refused.value)


def test_it_listens_on_this_machine_only_and_answers_to_its_own_names(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
    connection.request("GET", "/", headers={"Host": "rebound.example.com"})

    assert connection.getresponse().status == 421


def test_another_sites_page_cannot_press_its_buttons(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
    connection.request("POST", "/_sandbox/reset", headers={"Sec-Fetch-Site": "cross-site"})

    assert connection.getresponse().status == 403


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"nome": "Sina"}, "parameter_unknown", "nome"),
        ({"address": {"street": "Main"}}, "parameter_unknown", "address[street]"),
        ({"tax_exempt": "maybe"}, None, "tax_exempt"),
        ({"expand": ["nonsense"]}, None, "expand"),
    ],
)
def test_what_stripe_doesnt_know_is_refused(api, given, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.customers.create(given)

    assert (refused.value.code, refused.value.param) == (code, param)


def test_what_the_sandbox_ignores_is_refused_too(api):
    with pytest.raises(stripe.APIError, match="cash_balance") as refused:
        api.customers.create({"cash_balance": {"settings": {"reconciliation_mode": "manual"}}})

    assert refused.value.http_status == 501


def test_a_refused_request_leaves_its_key_free(api):
    with pytest.raises(stripe.InvalidRequestError):
        api.customers.create({"nome": "Sina"}, {"idempotency_key": "mine"})

    assert api.customers.create({"name": "Sina"}, {"idempotency_key": "mine"}).name == "Sina"


def test_a_failed_request_keeps_its_answer(api, customer, prices):
    api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    given = {"customer": customer.id, "items": [{"price": prices["plus_monthly"].id}]}

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
            api.subscriptions.create(given, {"idempotency_key": "mine"})


def test_lists_come_newest_first_and_in_pages(api):
    for number in range(25):
        api.customers.create({"name": str(number)})

    first = api.customers.list({"limit": 10})
    everyone = [one.name for one in api.customers.list({"limit": 10}).auto_paging_iter()]

    assert (first.has_more, [one.name for one in first][:2]) == (True, ["24", "23"])
    assert everyone == [str(number) for number in range(24, -1, -1)]


def test_lists_of_version_two_come_in_pages(sandbox, api):
    for number in range(5):
        api.customers.create({"name": str(number)})

    events = list(sandbox.client().v2.core.events.list({"limit": 2}).auto_paging_iter())

    assert [event.type for event in events] == ["v1.customer.created"] * 5


def test_what_is_not_there_says_so(api):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        api.subscriptions.retrieve("sub_never")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_metadata_is_merged_and_emptied_as_stripe_does(api):
    customer = api.customers.create({"metadata": {"a": "1", "b": "2"}})

    merged = api.customers.update(customer.id, {"metadata": {"b": "", "c": "3"}})
    emptied = api.customers.update(customer.id, {"metadata": ""})

    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    assert emptied.metadata.to_dict() == {}


def test_expansion_reaches_through_lists(api, subscribe):
    subscribe()

    expand = ["data.latest_invoice.payments.data.payment.payment_intent.latest_charge"]
    [found] = api.subscriptions.list({"expand": expand}).data

    assert found.latest_invoice.payments.data[0].payment.payment_intent.latest_charge.paid is True


def test_what_only_expansion_brings_is_missing_without_it(api, customer):
    with pytest.raises(AttributeError):
        api.customers.retrieve(customer.id).subscriptions  # noqa: B018 -- the access is the claim

    assert api.customers.retrieve(customer.id, {"expand": ["subscriptions"]}).subscriptions.data == []


def test_a_lookup_key_belongs_to_one_price_and_can_be_taken_over(api, prices):
    old = prices["plus_monthly"]
    given = {"product": old.product, "currency": "usd", "unit_amount": 900, "recurring": {"interval": "month"}}

    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        api.prices.create(given | {"lookup_key": "plus_monthly"})
    new = api.prices.create(given | {"lookup_key": "plus_monthly", "transfer_lookup_key": True})

    assert [one.id for one in api.prices.list({"lookup_keys": ["plus_monthly"]})] == [new.id]


def test_nothing_that_a_client_can_send_is_a_crash(sandbox):
    for body in (
        b"\xff\xfe",
        b"a[=1",
        b"[]=1",
        b"a=1&a[b]=2",
        b"metadata[a][b]=c",
        b"expand[9999999999]=x",
        b"limit=\x00",
    ):
        connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
        connection.request("POST", "/v1/customers", body, {"Authorization": "Bearer sk_test_x"})
        answered = connection.getresponse()
        assert (answered.status, json.load(answered)["error"]["type"]) == (400, "invalid_request_error"), body
