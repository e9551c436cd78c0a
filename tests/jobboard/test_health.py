from celery.signals import beat_init

from jobboard import health
from jobboard.celery import app as celery_app


def test_readyz_names_what_is_missing(client, db):
    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (
        503,
        {"ready": False, "problems": {"beat": "no sign of it in the last five minutes"}},
    )


def test_readyz_is_content_once_beat_has_been_heard(client, db):
    health.note_beat()

    response = client.get("/readyz")

    assert (response.status_code, response.json()) == (200, {"ready": True, "problems": {}})


def test_beat_gives_its_first_sign_as_soon_as_it_starts(own_redis):
    beat_init.send(sender=None)

    with celery_app.connection_for_read() as connection, connection.SimpleQueue("default") as queue:
        sign = queue.get(timeout=5)
        sign.ack()
    assert sign.headers["task"] == "jobboard.note_beat"


def test_readyz_tells_nothing_to_the_internet(client, db):
    through_a_proxy = client.get("/readyz", headers={"X-Forwarded-For": "10.0.0.1"})
    from_outside = client.get("/readyz", REMOTE_ADDR="8.8.8.8")

    assert (through_a_proxy.status_code, from_outside.status_code) == (404, 404)


def test_healthz_says_which_version_runs(client, db):
    assert client.get("/healthz").json() == {"version": "0.1.0"}
