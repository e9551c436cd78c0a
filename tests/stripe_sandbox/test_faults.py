"""What the API does wrong when told to, and what of it was done."""

import shutil
import threading
import time

import pytest
import stripe

from tests.sandbox import RunningSandbox

NAME = {"name": "Sina"}


def names(api):
    return [one.name for one in api.customers.list()]


@pytest.mark.parametrize(
    ("kind", "raised", "done"),
    [
        ("refuse", stripe.APIConnectionError, False),
        ("drop_before", stripe.APIConnectionError, False),
        ("drop_after", stripe.APIConnectionError, True),
        ("error", stripe.APIError, False),
    ],
)
def test_after_each_fault_the_same_key_does_it_exactly_once(sandbox, api, kind, raised, done):
    sandbox.fault(kind, method="POST", path="/v1/customers", times=1)

    with pytest.raises(raised):
        api.customers.create(NAME, {"idempotency_key": "mine"})
    before = names(api)
    api.customers.create(NAME, {"idempotency_key": "mine"})

    assert before == (["Sina"] if done else [])
    assert names(api) == ["Sina"]
    assert sandbox.requests()[-2]["replayed"] is done


def test_a_hanging_answer_meets_the_clients_patience(sandbox):
    impatient = sandbox.client(http_client=stripe.RequestsClient(timeout=1), max_network_retries=0)
    sandbox.fault("hang", seconds=30)

    started = time.monotonic()
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.customers.list()
    waited = time.monotonic() - started
    sandbox.no_faults()

    assert 1 <= waited < 25
    assert impatient.v1.customers.list().data == []


def test_the_same_key_at_the_same_time_is_told_to_wait(sandbox, api):
    sandbox.fault("hang", method="POST", times=1, seconds=30)
    first = threading.Thread(target=api.customers.create, args=[NAME, {"idempotency_key": "mine"}])
    first.start()
    while not sandbox.control("GET", "faults")["hit"]:
        time.sleep(0.01)

    with pytest.raises(stripe.StripeError) as refused:
        sandbox.client(max_network_retries=0).v1.customers.create(NAME, {"idempotency_key": "mine"})
    sandbox.no_faults()
    first.join()

    # The SDK puts the code of a 409 nowhere else.
    assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")
    assert names(api) == ["Sina"]


def test_a_fault_hits_only_what_it_is_told_to(sandbox, api):
    sandbox.fault("error", method="POST", path="/v1/products")

    api.customers.create(NAME)

    assert names(api) == ["Sina"]


def test_on_another_port_its_pages_are_where_it_is_now(tmp_path, sandbox, api, open_checkout):
    session = open_checkout()
    with sandbox.down():
        shutil.copy(sandbox.data, tmp_path / "moved.json")
    moved = RunningSandbox(tmp_path / "moved.json")

    try:
        found = moved.client().v1.checkout.sessions.retrieve(session.id)
    finally:
        moved.stop()

    assert session.url == f"{sandbox.address}/c/pay/{session.id}"
    assert found.url == f"{moved.address}/c/pay/{session.id}"


def test_while_it_is_down_connections_are_refused_and_afterwards_all_is_there(sandbox, api):
    api.customers.create(NAME, {"idempotency_key": "mine"})

    with sandbox.down(), pytest.raises(stripe.APIConnectionError):
        sandbox.client(max_network_retries=0).v1.customers.list()

    api.customers.create(NAME, {"idempotency_key": "mine"})
    assert names(api) == ["Sina"]
