"""The groups Editor, Moderator, Consultant and Admin with what each may do.

Django makes its permission rows after all migrations, so on a new database none exists yet. The rows needed here are
made by name; afterwards Django finds them and leaves them alone.
"""

from django.db import migrations

LOOK, WRITE, ALL = ["view"], ["view", "add", "change"], ["view", "add", "change", "delete"]
GUIDE_PARTS = "stage guideskill certification figure ownquestion".split()

EDITOR = {
    "jobs.job": [*WRITE, "publish", "export"],
    "jobs.company": WRITE,
    "jobs.category": WRITE,
    "jobs.region": WRITE,
    "jobs.exchangerate": WRITE,
    "jobs.jobreport": LOOK,
    "sources.source": WRITE,
    "sources.importrun": WRITE,
    "careers.guide": WRITE,
    "careers.skill": WRITE,
    "careers.platform": WRITE,
    "careers.contributor": WRITE,
} | {f"careers.{part}": ALL for part in GUIDE_PARTS}

MODERATOR = {
    "jobs.job": ["view", "change", "publish"],
    "jobs.company": ["view", "change"],
    "jobs.category": LOOK,
    "jobs.region": LOOK,
    "jobs.jobreport": ["view", "change"],
    "sources.source": LOOK,
    "sources.importrun": LOOK,
    "accounts.user": LOOK,
}

CONSULTANT = {
    "jobs.job": LOOK,
    "jobs.company": LOOK,
    "jobs.category": LOOK,
    "careers.guide": LOOK,
    "careers.skill": LOOK,
} | {f"careers.{part}": LOOK for part in GUIDE_PARTS}

ADMIN = (
    EDITOR
    | MODERATOR
    | {
        "jobs.job": [*ALL, "publish", "export"],
        "jobs.company": ALL,
        "jobs.category": ALL,
        "jobs.region": ALL,
        "jobs.exchangerate": ALL,
        "sources.source": ALL,
        "sources.importrun": ALL,
        "careers.guide": ALL,
        "careers.skill": ALL,
        "careers.platform": ALL,
        "careers.contributor": ALL,
        "alerts.alert": LOOK,
        "alerts.digest": LOOK,
        "alerts.suppression": ["view", "add", "delete"],
        "accounts.user": ALL,
        "account.emailaddress": LOOK,
        "usersessions.usersession": ["view", "delete"],
        "subscriptions.complimentaryplus": WRITE,
        "subscriptions.pricingpage": WRITE,
        "auth.group": LOOK,
    }
)

ROLES = {"Editor": EDITOR, "Moderator": MODERATOR, "Consultant": CONSULTANT, "Admin": ADMIN}


def make_roles(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    for name, allowed in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(permission(apps, label, verb) for label, verbs in allowed.items() for verb in verbs)


def permission(apps, label: str, verb: str):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    app_label, model = label.split(".")
    content_type, _ = ContentType.objects.get_or_create(app_label=app_label, model=model)
    return Permission.objects.get_or_create(
        content_type=content_type, codename=f"{verb}_{model}", defaults={"name": f"Can {verb} {model}"}
    )[0]


def forget_roles(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, forget_roles)]
