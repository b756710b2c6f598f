"""Answers that wait for a director's approval, and clocks that stand still for a reply."""

import django.db.models.deletion
import issues.models.drafted
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0010_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]


    operations = [
        migrations.CreateModel(
            name='DraftedAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_key', models.UUIDField(editable=False, unique=True)),
                ('kind', models.CharField(choices=[('answer', 'Answer'), ('question', 'Question'), ('claim', 'Reported resolved'), ('reply', 'Reply to the question')], max_length=10, verbose_name='kind')),
                ('text', models.TextField(max_length=4000, verbose_name='text')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('title', models.CharField(max_length=200, verbose_name='name or title')),
                ('version', models.PositiveSmallIntegerField(default=1)),
                ('drafted_at', models.DateTimeField(verbose_name='drafted')),
                ('state', models.CharField(choices=[('waiting', 'Waits for approval'), ('returned', 'Sent back'), ('approved', 'Approved'), ('withdrawn', 'Withdrawn'), ('over', 'Ended with the referral')], default='waiting', max_length=10, verbose_name='state')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('because', models.TextField(blank=True, max_length=1000, verbose_name='why it was sent back')),
            ],
            options={
                'ordering': ['drafted_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='DraftFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('kind', models.CharField(choices=[('image', 'Photo'), ('pdf', 'Document'), ('docx', 'Word document'), ('audio', 'Recording')], max_length=8)),
                ('file', models.FileField(max_length=200, upload_to=issues.models.drafted.draft_path)),
                ('thumbnail', models.BinaryField(null=True)),
                ('size', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('began_on', models.DateField(verbose_name='stands still since')),
                ('ends_by', models.DateField(verbose_name='stands still until')),
                ('ended_on', models.DateField(blank=True, null=True, verbose_name='ended on')),
                ('ended_why', models.CharField(blank=True, choices=[('answered', 'Answered'), ('lapsed', 'Nobody replied in time'), ('over', 'No longer needed')], default='', max_length=8, verbose_name='how it ended')),
                ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='working days')),
            ],
            options={
                'ordering': ['began_on', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='referral',
            name='paused_on',
            field=models.DateField(blank=True, null=True, verbose_name='waits for the organization since'),
        ),
        migrations.AddField(
            model_name='referral',
            name='paused_until',
            field=models.DateField(blank=True, null=True, verbose_name='waits at most until'),
        ),
        migrations.AddConstraint(
            model_name='referral',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paused_on', None), ('paused_until', None)), models.Q(('paused_on__isnull', False), ('paused_until__gt', models.F('paused_on')), ('paused_until__isnull', False)), _connector='OR'), name='referral_paused_says_until_when'),
        ),
        migrations.AddField(
            model_name='draftedanswer',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draftedanswer',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draftedanswer',
            name='referral',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drafts', to='issues.referral'),
        ),
        migrations.AddField(
            model_name='draftedanswer',
            name='response',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='draft', to='issues.response'),
        ),
        migrations.AddField(
            model_name='draftfile',
            name='draft',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='issues.draftedanswer'),
        ),
        migrations.AddField(
            model_name='pause',
            name='question',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pause', to='issues.response'),
        ),
        migrations.AddField(
            model_name='pause',
            name='referral',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='issues.referral'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'returned'])), fields=('referral',), name='drafted_answer_stands_once_a_referral'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='drafted_answer_says_something'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_on', None), ('kind', 'answer')), models.Q(('done_on__isnull', False), ('kind', 'claim')), _connector='OR'), name='drafted_answer_is_an_answer_or_says_when_it_was_done'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('state', 'waiting')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['returned', 'approved', 'withdrawn'])), models.Q(('decided_at__isnull', False), ('state', 'over')), _connector='OR'), name='drafted_answer_decided_says_by_whom_and_when'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), models.Q(('because', ''), _negated=True), _connector='OR'), name='drafted_answer_sent_back_says_why'),
        ),
        migrations.AddConstraint(
            model_name='draftedanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('response__isnull', False), ('state', 'approved')), models.Q(models.Q(('state', 'approved'), _negated=True), ('response', None)), _connector='OR'), name='drafted_answer_approved_became_an_answer'),
        ),
        migrations.AddConstraint(
            model_name='draftfile',
            constraint=models.UniqueConstraint(fields=('draft', 'digest'), name='draft_holds_a_file_once'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_on', None)), fields=('referral',), name='pause_is_open_once_a_referral'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('ends_by__gt', models.F('began_on')), models.Q(('ended_on', None), ('ended_on__gte', models.F('began_on')), _connector='OR')), name='pause_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('days', None), ('ended_on', None), ('ended_why', '')), models.Q(('days__isnull', False), ('ended_on__isnull', False), models.Q(('ended_why', ''), _negated=True)), _connector='OR'), name='pause_ended_says_how'),
        ),
        # One whose date was not granted yet passed it unseen: its comparison was with NULL.
        migrations.RemoveConstraint(model_name="extension", name="extension_moves_the_date_on"),
        migrations.AddConstraint(
            model_name="extension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("granted_on", None), ("wanted_on__gt", models.F("due_on"))),
                    models.Q(
                        ("granted_on__gt", models.F("due_on")), ("granted_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="extension_moves_the_date_on",
            ),
        ),
    ]
