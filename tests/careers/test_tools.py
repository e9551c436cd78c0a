"""Comparing, the map, salaries and one's own skills, as readers use them."""

import re

import pytest
from django.utils import timezone

from accounts.personal_data import personal_data
from careers.mentions import ReadAdvert, SkillMention
from careers.models import OwnSkill, RoleMarket, Skill
from careers.sitemaps import SalarySitemap
from tests.careers.guides import draft, published
from tests.careers.test_pages import text_of
from tests.factories import CompanyFactory, JobFactory

pytestmark = pytest.mark.django_db


def guide_of(slug, technical, soft=("patience",), **changes):
    return published(
        slug=slug,
        title=f"How to become a {slug}",
        role=slug,
        skills={
            "technical": [{"name": name} if isinstance(name, str) else name for name in technical],
            "soft": [{"name": name} for name in soft],
        },
        **changes,
    )


def market_of(guide, region=None, **values):
    at = timezone.datetime(2026, 11, 20, 3, tzinfo=timezone.get_current_timezone())
    stated = {"jobs": 0, "remote": 0, "with_workplace": 0, "computed_at": at} | values
    return RoleMarket.objects.create(guide=guide, region=region, **stated)


def pay(currency, n, median=None, level=""):
    row = {"currency": currency, "level": level, "n": n}
    return row if median is None else row | {"low": median - 1_000_000, "median": median, "high": median + 1_000_000}


# Comparing ------------------------------------------------------------------------------------------------------------


def lists(page) -> dict[str, list[str]]:
    """The links of each section and card by its heading."""
    main = page.content.decode().split("<main", 1)[1]
    parts = re.split(r"<h[23][^>]*>(.*?)</h[23]>", main, flags=re.S)
    return {
        re.sub(r"<[^>]+>", "", heading): re.findall(r'<a href="/jobs/[^"]*">([^<]+)</a>', body)
        for heading, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def test_skills_in_common_by_two_and_alone_are_told_apart(client):
    guide_of("florist", ["soil", "colour", "wire"])
    guide_of("gardener", ["soil", "colour", "pruning"])
    guide_of("farmer", ["soil", "tractors"], soft=["thrift"])

    page = client.get("/guides/compare/?guide=florist&guide=gardener&guide=farmer")

    found = lists(page)
    assert found["Skills in common"] == ["Soil"]
    assert found["Asked by two of them"] == ["Colour", "Patience"]
    assert (found["Florist"], found["Gardener"], found["Farmer"]) == ([], [], [])  # the later cards are of the stages
    alone = text_of(page).split("Asked by one alone")[1].split("Stages")[0]
    assert " ".join(alone.split()) == "Florist Wire Gardener Pruning Farmer Tractors Thrift"


def test_pay_and_demand_stand_side_by_side_and_nothing_below_ten(client):
    rich, poor = guide_of("florist", ["soil"]), guide_of("gardener", ["soil"])
    market_of(rich, jobs=1200, remote=3, with_workplace=12, pay=[pay("EUR", 40, 5_000_000), pay("USD", 12, 9_000_000)])
    market_of(poor, jobs=9, pay=[pay("EUR", 9)])

    shown = text_of(client.get("/guides/compare/?guide=gardener&guide=florist"))

    assert "Open jobs here when counted 9 1,200" in shown
    assert "Median stated pay a year Fewer than ten adverts state it €50,000 40 adverts" in shown
    assert "Remote in our adverts Too few adverts 25%" in shown
    assert "on 20 November 2026" in shown


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "Choose two roles above"),
        ("?guide=florist", "Choose a second role to hold beside florist"),
        ("?guide=florist&guide=florist", "Choose a second role to hold beside florist"),
        ("?guide=florist&guide=never-was", "One of the guides asked for isn’t there any more"),
        ("?guide=florist&guide=secret", "One of the guides asked for isn’t there any more"),
        ("?guide=%00&guide=florist", "One of the guides asked for isn’t there any more"),
        ("?guide=a&guide=florist&guide=gardener&guide=farmer&guide=b", "Skills in common"),
        ("?guide=florist&guide=gardener&guide=farmer&guide=baker", "Three roles fit side by side"),
    ],
)
def test_whatever_is_asked_to_be_compared_is_answered(query, says, client):
    for role in ("florist", "gardener", "farmer", "baker"):
        guide_of(role, ["soil"])
    draft(slug="secret", role="secret")

    page = client.get(f"/guides/compare/{query}")

    assert (page.status_code, says in text_of(page)) == (200, True)


def test_the_address_to_share_keeps_the_choice_and_its_order(client):
    guide_of("florist", ["soil"])
    guide_of("gardener", ["soil"])

    page = client.get("/guides/compare/?guide=gardener&guide=&guide=florist").content.decode()

    assert 'data-address="http' in page
    assert '/guides/compare/?guide=gardener&amp;guide=florist"' in page


# The map --------------------------------------------------------------------------------------------------------------


def test_the_map_shows_stages_above_and_near_roles_beside_in_drawing_and_words(client):
    guide_of("florist", ["soil", "colour", "wire"])
    guide_of("gardener", ["soil", "colour", "pruning"])
    guide_of("lawyer", ["contracts"], soft=["rhetoric"], category="legal")

    page = client.get("/guides/map/?role=florist").content.decode()

    drawing, words = page.split('<svg class="role-map"')[1].split("</svg>", 1)
    assert re.findall(r'aria-label="([^"]+)"', drawing)[1:] == [
        "Head gardener: its jobs",
        "Junior garden engineer: its jobs",
        "Florist: its guide",
        "Gardener: its map",
    ]
    assert 'href="/guides/map/?role=gardener"' in drawing
    beside = " ".join(re.sub(r"<[^>]+>", " ", words).split()).split("Beside it")[1]
    assert beside.strip().startswith("Gardener 3 of 4 skills in common. To learn: pruning. Map from here Compare")
    assert "lawyer" not in beside.lower()


def test_a_role_that_pays_more_in_our_adverts_comes_first(client):
    own = guide_of("florist", ["soil", "colour"])
    near, rich = guide_of("gardener", ["soil", "colour"]), guide_of("botanist", ["soil"])
    market_of(own, jobs=20, pay=[pay("EUR", 20, 4_000_000)])
    market_of(near, jobs=20, pay=[pay("EUR", 20, 4_300_000)])
    market_of(rich, jobs=20, pay=[pay("EUR", 20, 4_400_000)])

    beside = text_of(client.get("/guides/map/?role=florist")).split("Beside it")[1]

    assert re.findall(r"(\w+) \d of \d skills in common(, pays more in our adverts)?", beside) == [
        ("Botanist", ", pays more in our adverts"),
        ("Gardener", ""),
    ]


def test_the_map_says_which_role_it_shows_until_one_is_chosen(client):
    guide_of("florist", ["soil"])

    unchosen, chosen = text_of(client.get("/guides/map/")), text_of(client.get("/guides/map/?role=florist"))

    assert "Start from Choose a role. Shown is florist. Florist Show" in unchosen
    assert "Start from Florist Show" in chosen


def test_the_map_without_guides_says_so(client):
    assert "No guide is published yet." in text_of(client.get("/guides/map/"))


@pytest.mark.parametrize("role", ["never-was", "secret", "a" * 3000])
def test_a_map_of_what_is_no_role_is_not_found(role, client):
    guide_of("florist", ["soil"])
    draft(slug="secret", role="secret")

    assert client.get(f"/guides/map/?role={role}").status_code == 404


# Salaries -------------------------------------------------------------------------------------------------------------


def test_the_salary_page_gives_percentiles_with_their_number_and_day(client):
    guide = guide_of("florist", ["soil"])
    market_of(guide, jobs=30, pay=[pay("EUR", 25, 5_000_000), pay("EUR", 10, 7_000_000, "senior"), pay("USD", 9)])

    shown = text_of(client.get("/guides/florist/salary/"))

    assert "30 open jobs when counted on 20 November 2026, 03:00 UTC; what opened or closed since" in shown
    assert "All levels, EUR €40,000 €50,000 €60,000 25" in shown
    assert "Senior, EUR €60,000 €70,000 €80,000 10" in shown
    assert "9 adverts state pay in USD: fewer than 10 say nothing about a market." in shown


def test_each_region_with_enough_adverts_has_its_page(client, django_assert_num_queries):
    guide = guide_of("florist", ["soil"])
    europe = JobFactory(regions=["europe"]).regions.get()
    market_of(guide, jobs=30, pay=[pay("EUR", 25, 5_000_000)])
    market_of(guide, europe, jobs=12, pay=[pay("EUR", 11, 4_000_000)])

    everywhere = client.get("/guides/florist/salary/")
    with django_assert_num_queries(3):
        regional = client.get("/guides/florist/salary/europe/")

    assert 'href="/guides/florist/salary/europe/"' in everywhere.content.decode()
    assert "All levels, EUR €30,000 €40,000 €50,000 11" in text_of(regional)
    assert "noindex" not in regional.content.decode()


def test_a_region_with_too_few_adverts_says_so_and_is_kept_from_search_engines(client):
    guide_of("florist", ["soil"])
    JobFactory(regions=["europe"])

    page = client.get("/guides/florist/salary/europe/")

    assert "Fewer than 10 adverts for this role are open in Europe" in text_of(page)
    assert 'content="noindex"' in page.content.decode()


def test_a_region_that_is_none_has_no_salary_page(client):
    guide_of("florist", ["soil"])

    assert client.get("/guides/florist/salary/atlantis/").status_code == 404


def test_the_sitemap_names_the_salary_pages_that_have_something_to_show():
    guide, europe = guide_of("florist", ["soil"]), JobFactory(regions=["europe"]).regions.get()
    shown = market_of(guide, europe, jobs=30, pay=[pay("USD", 3), pay("EUR", 25, 5_000_000)])
    market_of(guide, jobs=30, pay=[pay("EUR", 9)])

    sitemap = SalarySitemap()

    assert [(sitemap.location(one), sitemap.lastmod(one)) for one in sitemap.items()] == [
        ("/guides/florist/salary/europe/", shown.computed_at)
    ]


@pytest.mark.parametrize(("adverts", "told"), [(9, "Soil 1 advert Questions"), (10, "Soil 1 advert, 10% ")])
def test_no_percentage_is_told_of_fewer_than_ten_adverts(adverts, told, client):
    guide = guide_of("florist", ["soil"])
    skill = Skill.objects.get(name="soil")
    market_of(
        guide, jobs=1, adverts=adverts, skills=[{"skill": skill.pk, "name": "soil", "n": 1, "share": 1 / adverts}]
    )

    shown = " ".join(text_of(client.get("/guides/florist/")).split())

    assert f"of the last 90 days. {told}" in shown


# My skills ------------------------------------------------------------------------------------------------------------


def levelled(slug="florist"):
    return guide_of(
        slug, ["soil", {"name": "wire", "expected_from": "middle"}, {"name": "law", "expected_from": "senior"}]
    )


def test_the_gap_is_shown_for_each_level(client):
    levelled()

    page = client.get("/guides/my-skills/?skill=soil&skill=law&guide=florist")

    gap = text_of(page).split("You as florist")[1].split("Other roles")[0]
    # Two technical ones of three, which count twice, and no soft one: 4 of 7.
    assert " ".join(gap.split()) == (
        "57% 2 of 4 skills, technical ones counted twice Junior 1 of 2 Missing: patience "
        "Middle 1 of 3 Also missing: wire Senior 2 of 4"
    )


def test_an_address_from_before_a_merge_marks_the_skill_that_stayed(client, seeker_client, seeker, editor):
    guide_of("florist", ["soil", "wire"])
    soil, wire = Skill.objects.get(name="soil"), Skill.objects.get(name="wire")
    soil.merge(wire, by=editor, at=timezone.now())

    page = client.get("/guides/my-skills/?skill=wire")
    seeker_client.post("/guides/my-skills/marks/", {"skill": ["wire"]})

    assert re.findall(r'value="(\w+)" checked', page.content.decode()) == ["soil"]
    assert [own.skill for own in OwnSkill.objects.filter(user=seeker)] == [soil]


def test_the_best_fitting_guides_come_first(client):
    guide_of("florist", ["soil", "wire"])
    guide_of("gardener", ["soil"])
    guide_of("lawyer", ["contracts"], soft=["rhetoric"])

    shown = text_of(client.get("/guides/my-skills/?skill=soil&skill=patience"))

    fits = shown.split("Roles that fit best")[1].split("Jobs that fit")[0]
    assert re.findall(r"(\w+) (\d+)% ", fits) == [("Gardener", "100"), ("Florist", "60")]


def test_the_jobs_that_name_most_of_ones_skills_and_fewest_others_come_first(client):
    guide_of("florist", ["soil", "wire", "law"])
    company = CompanyFactory()
    for title, names in (("One", ["soil"]), ("Two and more", ["soil", "wire", "law"]), ("Two", ["soil", "wire"])):
        advert(title, names, company)
    advert("Closed", ["soil", "wire"], company, closed=True)
    advert("None", ["law"], company)

    shown = text_of(client.get("/guides/my-skills/?skill=soil&skill=wire"))

    jobs = shown.split("Jobs that fit best")[1]
    assert re.findall(
        r"(One|Two and more|Two|Closed|None) [A-Z].*?Names (\d) of your skills( and also law)?", jobs
    ) == [
        ("Two", "2", ""),
        ("Two and more", "2", " and also law"),
        ("One", "1", ""),
    ]


def advert(title, names, company, **fields):
    job = JobFactory(title=title, company=company, **fields)
    ReadAdvert.objects.create(job=job, read_at=timezone.now())
    SkillMention.objects.bulk_create(
        SkillMention(job=job, skill=skill) for skill in Skill.objects.filter(name__in=names)
    )
    return job


def test_skills_are_kept_on_the_account(seeker_client, seeker, stranger):
    guide_of("florist", ["soil", "wire", "law"])
    OwnSkill.objects.keep(stranger, Skill.objects.filter(name="law"), at=timezone.now())
    OwnSkill.objects.keep(seeker, Skill.objects.filter(name__in=["soil", "law"]), at=timezone.now())

    page = seeker_client.post("/guides/my-skills/marks/", {"skill": ["soil", "wire", "never-was"]}, follow=True)

    assert sorted(OwnSkill.objects.filter(user=seeker).values_list("skill__name", flat=True)) == ["soil", "wire"]
    assert [own.skill.name for own in OwnSkill.objects.filter(user=stranger)] == ["law"]
    assert "2 skills are marked as yours." in page.content.decode()
    assert re.findall(r'value="(\w+)" checked', page.content.decode()) == ["soil", "wire"]


def test_skills_in_an_address_are_not_taken_for_those_of_an_account(seeker_client):
    guide_of("florist", ["soil"])

    page = seeker_client.get("/guides/my-skills/?skill=soil")

    assert re.findall(r'value="(\w+)" checked', page.content.decode()) == []


def test_a_visitor_leaves_nothing_here(client):
    guide_of("florist", ["soil"])

    page = client.get("/guides/my-skills/?chosen=1&skill=soil")

    assert re.findall(r'value="(\w+)" checked', page.content.decode()) == ["soil"]
    assert (OwnSkill.objects.count(), dict(client.cookies)) == (0, {})


def test_skills_are_part_of_ones_data_and_go_with_the_account(seeker):
    levelled()
    OwnSkill.objects.keep(seeker, Skill.objects.filter(name="soil"), at=timezone.now())

    assert [own["name"] for own in personal_data(seeker)["own_skills"]] == ["soil"]
    seeker.delete()
    assert OwnSkill.objects.count() == 0


def test_marks_follow_a_skill_that_is_merged_into_another(seeker, stranger, editor):
    guide_of("florist", ["soil", "earth"])
    soil, earth = Skill.objects.get(name="soil"), Skill.objects.get(name="earth")
    OwnSkill.objects.keep(seeker, [earth], at=timezone.now())
    OwnSkill.objects.keep(stranger, [earth, soil], at=timezone.now())

    soil.merge(earth, by=editor, at=timezone.now())

    assert [(own.user, own.skill) for own in OwnSkill.objects.order_by("user_id")] == [(seeker, soil), (stranger, soil)]


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_asks_as_much_for_three_guides_as_for_thirty(count, client, django_assert_num_queries):
    for number in range(count):
        guide_of(f"florist-{number}", ["soil", f"skill {number}"])

    with django_assert_num_queries(5):
        client.get("/guides/my-skills/?skill=soil&skill=patience")


# The switch -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feature", "path", "heading"),
    [
        ("comparing", "/guides/compare/", "Comparing roles"),
        ("own-skills", "/guides/my-skills/", "Marking your skills"),
    ],
)
def test_a_switch_keeps_the_feature_for_plus(
    feature, path, heading, settings, client, seeker_client, subscriber_client
):
    settings.PLUS_FEATURES = [feature]

    pages = [one.get(path).content.decode() for one in (client, seeker_client, subscriber_client)]

    assert [f"{heading} is something new that members" in page for page in pages] == [True, True, False]


def test_without_the_switch_nobody_keeps_skills_on_free(settings, seeker_client, seeker):
    guide_of("florist", ["soil"])
    settings.PLUS_FEATURES = ["own-skills"]

    seeker_client.post("/guides/my-skills/marks/", {"skill": ["soil"]})

    assert not OwnSkill.objects.filter(user=seeker).exists()
