"""Whether an authority's answers leave only after its director's approval."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('provinces', '0002_roads_and_honorifics'),
    ]

    operations = [
        migrations.AddField(
            model_name='authority',
            name='needs_approval',
            field=models.BooleanField(default=False, verbose_name="answers leave after the director's approval"),
        ),
    ]
