import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0017_relisted_from'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('applied_at', models.DateTimeField(help_text='When they last went on to apply.')),
                ('removed_at', models.DateTimeField(blank=True, help_text='When they took it off their list.', null=True)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to='jobs.job')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='applications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(models.F('user'), models.OrderBy(models.F('applied_at'), descending=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('removed_at__isnull', True)), name='application_newest')],
                'constraints': [models.UniqueConstraint(fields=('user', 'job'), name='application_once')],
            },
        ),
    ]
