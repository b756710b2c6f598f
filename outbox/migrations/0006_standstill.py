import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outbox', '0004_letter_book'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Standstill',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_key', models.UUIDField()),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('set_at', models.DateTimeField(verbose_name='held since')),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_at', models.DateTimeField(null=True, verbose_name='lifted')),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [
                    models.UniqueConstraint(fields=('client_key',), name='standstill_is_set_once'),
                    models.UniqueConstraint(models.ExpressionWrapper(models.Q(('lifted_at', None)), models.BooleanField()), condition=models.Q(('lifted_at', None)), name='standstill_stands_alone'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='standstill_says_why'),
                    models.CheckConstraint(condition=models.Q(('lifted_by', None), ('lifted_at__isnull', False), _connector='OR'), name='standstill_lifted_by_somebody_says_when'),
                ],
            },
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('state__in', ('prepared', 'planned', 'held', 'queued', 'sending', 'unknown', 'failed', 'dead'))), fields=['state', 'province', 'due_at'], name='notice_unfinished_by_state'),
        ),
    ]
