from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0019_applications_so_far'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='applyclick',
            name='apply_click_of_user',
        ),
        migrations.RemoveField(
            model_name='applyclick',
            name='user',
        ),
    ]
