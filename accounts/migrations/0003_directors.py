"""Officials who approve their office's answers."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_initial")]


    operations = [
        migrations.AddField(
            model_name='roleassignment',
            name='approves',
            field=models.BooleanField(default=False, verbose_name="approves the office's answers"),
        ),
        migrations.AddConstraint(
            model_name='roleassignment',
            constraint=models.CheckConstraint(condition=models.Q(('approves', False), ('role', 'official'), _connector='OR'), name='role_that_approves_is_an_officials'),
        ),
    ]
