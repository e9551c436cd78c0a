import re

import pytest
from django.test import Client

from tests.conftest import PASSWORD

RESET = "/accounts/password/reset/"
NEW = "seven unlikely pelicans"


def reset_link(post):
    return re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", post()[-1].body)[1]


def choose(client, link, password=NEW):
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_reset_link_sets_a_new_password_once(client, member, post):
    client.post(RESET, {"email": member.email})
    link = reset_link(post)

    first = choose(client, link)
    second = Client().get(link, follow=True)

    member.refresh_from_db()
    assert (first.status_code, second.status_code, member.check_password(NEW)) == (302, 404, True)
    assert "This link is not valid any more" in second.content.decode()
    assert post()[-1].subject == "Your password at Openings is changed"


def test_a_reset_link_dies_with_the_password_it_was_made_for(client, member, post):
    client.post(RESET, {"email": member.email})
    link = reset_link(post)
    member.set_password(NEW)
    member.save()

    page = client.get(link, follow=True)

    assert "This link is not valid any more" in page.content.decode()


def test_a_reset_link_dies_with_the_address_it_was_sent_to(client, member, post):
    client.post(RESET, {"email": member.email})
    link = reset_link(post)
    member.emailaddress_set.update(email="other@example.com")
    type(member).objects.filter(pk=member.pk).update(email="other@example.com")

    page = client.get(link, follow=True)

    assert "This link is not valid any more" in page.content.decode()


def test_a_reset_doesnt_tell_who_has_an_account(member, post):
    known = Client().post(RESET, {"email": member.email}, follow=True)
    unknown = Client().post(RESET, {"email": "nobody@example.com"}, follow=True)

    assert known.redirect_chain == unknown.redirect_chain == [("/accounts/password/reset/done/", 302)]
    assert known.content == unknown.content
    assert [(message.to, message.subject) for message in post()] == [
        ([member.email], "Choose a new password for Openings"),
        (["nobody@example.com"], "No account at Openings with this address"),
    ]


def test_changing_the_password_logs_out_everywhere_else_and_tells_the_owner(member, login, post):
    here, there = login(member), Client()
    there.post("/accounts/login/", {"login": member.email, "password": PASSWORD})

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert [client.get("/account/").status_code for client in (here, there)] == [200, 302]
    assert [message.subject for message in post()] == ["Your password at Openings is changed"]


def test_the_present_password_is_asked_for(member_client, member):
    page = member_client.post("/accounts/password/change/", {"oldpassword": "x", "password1": NEW, "password2": NEW})

    assert page.context["form"].errors == {"oldpassword": ["This is not your present password."]}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.django_db
def test_a_dead_reset_link_is_not_found_and_leads_to_a_new_one(method):
    page = getattr(Client(), method)(f"{RESET}key/1-xx/")

    main = page.content.decode().split("<main")[1]
    assert page.status_code == 404
    assert "<h1>This link is not valid any more</h1>" in main
    assert f'href="{RESET}">Get a new link</a>' in main
