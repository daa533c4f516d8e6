from django.db import migrations, models


def name_the_picture(apps, schema_editor):
    """Where a placebo had the key of the map that it borrows, one of the two was kept.

    The scores say of which picture they are; the other comes with the next `import_stimuli`.
    """
    scores = apps.get_model("studyapp", "ExplanationScores")
    for row in scores.objects.iterator():
        row.stimulus_key = row.scores["stimulus"]
        row.save(update_fields=["stimulus_key"])


class Migration(migrations.Migration):
    dependencies = [
        ("studyapp", "0014_explanation_scores"),
    ]

    operations = [
        migrations.AddField(
            model_name="explanationscores",
            name="stimulus_key",
            field=models.CharField(default="", max_length=100),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_picture, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="explanationscores",
            name="explanation_key",
            field=models.CharField(max_length=64),
        ),
        migrations.AddConstraint(
            model_name="explanationscores",
            constraint=models.UniqueConstraint(
                fields=("stimulus_key", "explanation_key"), name="scores_once_per_explanation"
            ),
        ),
    ]
