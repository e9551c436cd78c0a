"""The control API below /_sandbox/: what nobody can do at Stripe, for tests and for trying things out."""

import json
import time
from collections.abc import Callable

from stripe_sandbox import due
from stripe_sandbox.api import checkout
from stripe_sandbox.api.payments import close_dispute, dispute, save_card
from stripe_sandbox.cards import CARDS
from stripe_sandbox.errors import ApiError
from stripe_sandbox.faults import Fault
from stripe_sandbox.sandbox import Sandbox
from stripe_sandbox.thin import notification
from stripe_sandbox.webhooks import signature

CONTROLS: dict[tuple[str, str], Callable[[Sandbox, dict], dict]] = {}


def control(method: str, path: str):
    def register(function):
        CONTROLS[method, f"/_sandbox/{path}"] = function
        return function

    return register


def answer(sandbox: Sandbox, method: str, path: str, body: str) -> tuple[int, dict]:
    """Status and JSON."""
    try:
        given = json.loads(body or "{}")
        if method == "POST" and path.startswith("/_sandbox/checkout/") and path.endswith("/pay"):
            return 200, pay(sandbox, path.split("/")[3], **given)
        if (found := CONTROLS.get((method, path))) is None:
            return 404, {"error": f"There is no control {method} {path}."}
        return 200, found(sandbox, given)
    except ApiError as error:
        return error.status, {"error": error.error}
    except (ValueError, TypeError, KeyError) as error:
        return 400, {"error": str(error)}


@control("GET", "health")
def health(sandbox: Sandbox, given: dict) -> dict:
    return {"ok": True}


@control("POST", "reset")
def reset(sandbox: Sandbox, given: dict) -> dict:
    sandbox.reset()
    return {}


@control("GET", "state")
def state(sandbox: Sandbox, given: dict) -> dict:
    with sandbox.account.lock:
        return {
            kind: {key: sandbox.account.render(one) for key, one in found.items()}
            for kind, found in sandbox.account.kinds.items()
        }


@control("GET", "differences")
def differences(sandbox: Sandbox, given: dict) -> dict:
    return {"differences": sandbox.differences}


@control("POST", "settings")
def change_settings(sandbox: Sandbox, given: dict) -> dict:
    if given.get("after_retries", "cancel") not in ("cancel", "unpaid", "past_due"):
        raise ValueError("after_retries must be cancel, unpaid or past_due")
    sandbox.account.settings |= given
    return sandbox.account.settings


# --- The clock --------------------------------------------------------------------------------------------------------


@control("GET", "clock")
def tell_time(sandbox: Sandbox, given: dict) -> dict:
    with sandbox.account.lock:
        return {"now": sandbox.account.now}


@control("POST", "clock")
def move_clock(sandbox: Sandbox, given: dict) -> dict:
    account = sandbox.account
    if "age" in given:
        due.age(account, int(given["age"]))
    else:
        with account.lock:
            due.advance_to(account, int(given["to"]) if "to" in given else account.now + int(given["advance"]))
    return {"now": account.now}


# --- Webhooks ---------------------------------------------------------------------------------------------------------


@control("POST", "destination")
def deliver_to(sandbox: Sandbox, given: dict) -> dict:
    sandbox.deliver_to(given["url"])
    return {}


@control("POST", "webhooks")
def set_webhooks(sandbox: Sandbox, given: dict) -> dict:
    sandbox.webhooks.set_mode(**given)
    return {}


@control("GET", "webhooks")
def deliveries(sandbox: Sandbox, given: dict) -> dict:
    return {"deliveries": sandbox.webhooks.done}


@control("POST", "webhooks/wait")
def wait_for_webhooks(sandbox: Sandbox, given: dict) -> dict:
    return {"done": sandbox.webhooks.wait(given.get("timeout", 20))}


@control("POST", "webhooks/resend")
def resend(sandbox: Sandbox, given: dict) -> dict:
    sent = sandbox.webhooks.resend(given.get("events"), copies=given.get("copies", 1), shuffle=given.get("shuffle"))
    return {"sent": sent}


@control("GET", "notifications")
def notifications(sandbox: Sandbox, given: dict) -> dict:
    """All thin events as they would be delivered, signed at this moment."""
    with sandbox.account.lock:
        bodies = [json.dumps(notification(one)) for one in sandbox.account.kinds["v2.core.event"].values()]
    now = time.time()
    return {
        "notifications": [{"body": one, "signature": signature(one, sandbox.webhook_secret, now)} for one in bodies]
    }


# --- Faults and requests ----------------------------------------------------------------------------------------------


@control("POST", "faults")
def add_fault(sandbox: Sandbox, given: dict) -> dict:
    sandbox.faults.add(Fault(**given))
    return {}


@control("GET", "faults")
def count_hits(sandbox: Sandbox, given: dict) -> dict:
    return {"hit": sandbox.faults.hit}


@control("DELETE", "faults")
def clear_faults(sandbox: Sandbox, given: dict) -> dict:
    sandbox.faults.clear()
    return {}


@control("GET", "requests")
def requests(sandbox: Sandbox, given: dict) -> dict:
    return {"requests": sandbox.requests}


@control("DELETE", "requests")
def forget_requests(sandbox: Sandbox, given: dict) -> dict:
    sandbox.requests.clear()
    return {}


# --- What people and banks do -----------------------------------------------------------------------------------------


def pay(
    sandbox: Sandbox, session_id: str, *, card="4242424242424242", promotion_code=None, authenticate=True, email=None
) -> dict:
    """Complete a Checkout session as a person on its page would."""
    account = sandbox.account
    with account.lock:
        session = account.find("checkout.session", session_id)
        if promotion_code:
            checkout.apply_code(account, session, promotion_code)
        method = save_card(account, CARDS[card], name="Test Person", email=email)
        if checkout.submit(account, session, method, email=email) == "authenticate":
            checkout.submit(account, session, method, email=email, authenticated=authenticate)
        return account.render(session)


@control("POST", "disputes")
def open_dispute(sandbox: Sandbox, given: dict) -> dict:
    account = sandbox.account
    with account.lock:
        charge = account.objects.get(charge_of(account, given["charge"]))
        if charge is None:
            raise KeyError("There is no such charge.")
        return account.render(dispute(account, charge, reason=given.get("reason", "fraudulent")))


def charge_of(account, wanted: str) -> str | None:
    """A charge's id, or that of the charge which paid the invoice."""
    for payment in account.all("invoice_payment", invoice=wanted):
        return account.objects[payment["payment"]["payment_intent"]]["latest_charge"]
    return wanted


@control("POST", "disputes/close")
def end_dispute(sandbox: Sandbox, given: dict) -> dict:
    account = sandbox.account
    with account.lock:
        return account.render(close_dispute(account, account.find("dispute", given["dispute"]), given["status"]))
