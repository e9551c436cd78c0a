"""Plus that is running when the log begins is its first line."""

from django.db import migrations
from django.db.models import Q
from django.utils import timezone


def log_running_grants(apps, schema_editor):
    now = timezone.now()
    PlanChange = apps.get_model("subscriptions", "PlanChange")
    grants = apps.get_model("subscriptions", "ComplimentaryPlus").objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), started_at__lte=now, ended_at__isnull=True
    )
    seen = set()
    for grant in grants.order_by("started_at", "pk").iterator():
        if grant.user_id in seen:
            continue
        seen.add(grant.user_id)
        PlanChange.objects.create(
            user_id=grant.user_id,
            at=grant.started_at,
            kind="upgraded",
            plan_before="free",
            plan_after="plus",
            actor_kind="staff",
            actor_id=grant.granted_by_id,
            cause=f"Complimentary Plus: {grant.reason}",
        )


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0004_append_only_log")]

    operations = [migrations.RunPython(log_running_grants, migrations.RunPython.noop)]
