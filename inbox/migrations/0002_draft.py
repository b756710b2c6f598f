import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inbox', '0001_initial'),
        ('issues', '0011_approval_and_pauses'),
    ]

    operations = [
        migrations.AddField(
            model_name='incoming',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='issues.draftedanswer'),
        ),
        migrations.RemoveConstraint(
            model_name='incoming',
            name='incoming_attached_says_to_what',
        ),
        migrations.AddConstraint(
            model_name='incoming',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'attached'), _negated=True), ('response__isnull', False), ('comment__isnull', False), ('draft__isnull', False), _connector='OR'), name='incoming_attached_says_to_what'),
        ),
    ]
