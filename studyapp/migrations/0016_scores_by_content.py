from django.db import migrations, models


def name_the_pictures_content(apps, schema_editor):
    """A key may stand for two pictures, in two sets: scores of either are measured again then.

    They come with the next `import_stimuli`.
    """
    artefacts = apps.get_model("studyapp", "Artefact")
    for row in apps.get_model("studyapp", "ExplanationScores").objects.iterator():
        pictures = set(
            artefacts.objects.filter(
                explanation_key=row.explanation_key, stimulus__key=row.stimulus_key
            ).values_list("stimulus__picture_id", flat=True)
        )
        if len(pictures) != 1:
            row.delete()
            continue
        row.picture_sha256 = pictures.pop()
        row.scores = {**row.scores, "picture": row.picture_sha256}
        row.save(update_fields=["picture_sha256", "scores"])


class Migration(migrations.Migration):
    dependencies = [
        ("studyapp", "0015_scores_by_picture"),
    ]

    operations = [
        migrations.AddField(
            model_name="explanationscores",
            name="picture_sha256",
            field=models.CharField(default="", max_length=64),
            preserve_default=False,
        ),
        migrations.RunPython(name_the_pictures_content, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="explanationscores",
            name="scores_once_per_explanation",
        ),
        migrations.RemoveField(model_name="explanationscores", name="stimulus_key"),
        migrations.AddConstraint(
            model_name="explanationscores",
            constraint=models.UniqueConstraint(
                fields=("picture_sha256", "explanation_key"), name="scores_once_per_explanation"
            ),
        ),
    ]
