from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("issues", "0003_fill_codes_and_links")]
    operations = [
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'draft'), models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True), ('commune__isnull', False), ('people__isnull', False), ('theme__isnull', False), ('tracking_code__isnull', False), ('women__isnull', False)), _connector='OR'), name='issue_is_complete_once_submitted'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('commune', None), models.Func(models.F('commune_id'), models.F('province_id'), function='starts_with', output_field=models.BooleanField()), _connector='OR'), name='issue_commune_lies_in_its_province'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('follows', None), ('link', ''), ('root', None)), models.Q(('follows__isnull', False), ('root__isnull', False), models.Q(('link', ''), _negated=True)), _connector='OR'), name='issue_says_why_it_follows'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_as', 'merged'), ('merged_into__isnull', False)), models.Q(models.Q(('closed_as', 'merged'), _negated=True), ('merged_into', None)), _connector='OR'), name='issue_merged_says_into_which'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('pk')), _negated=True), _connector='OR'), name='issue_is_not_merged_into_itself'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('women', None), ('people', None), ('women__lte', models.F('people')), _connector='OR'), name='issue_has_no_more_women_than_people'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('people', None), models.Q(('people__gte', 1), ('people__lte', 20000000)), _connector='OR'), name='issue_affects_somebody'),
        ),
    ]
