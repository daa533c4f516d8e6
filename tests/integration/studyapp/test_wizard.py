"""From a question to a sound plan by forms alone, and pictures left out of it."""

import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from experiments.loading import load_text
from studyapp.exceptions import ImportRefused
from studyapp.models import Draft, StimulusSet
from studyapp.selectors.plans import checked
from studyapp.selectors.studies import manifest_of
from studyapp.services.drafts import begin_draft, save_draft
from studyapp.services.stimuli import import_stimuli
from tests.factories import BRIEF, write_stimuli

BASICS = {
    **{"slug": "bills", "title": "Telling gulls apart", "researcher": "Ada, Lab"},
    **{"contact": "ada@example.org", "stimulus_set": "gulls-demo"},
}
ARMS = {
    **{"arm-TOTAL_FORMS": "4", "arm-INITIAL_FORMS": "3"},
    **{f"arm-0-{field}": value for field, value in (("key", "none"), ("practice", "none"))},
    **{"arm-0-training": "none", "arm-0-assessment": "none"},
    **{"arm-1-key": "placebo", "arm-1-practice": "none"},
    **{"arm-1-training": "placebo", "arm-1-assessment": "placebo"},
    **{"arm-2-key": "heatmap", "arm-2-practice": "none"},
    **{"arm-2-training": "heatmap", "arm-2-assessment": "none"},
    **{"arm-3-key": "", "arm-3-practice": "none"},
    **{"arm-3-training": "none", "arm-3-assessment": "none"},
}


@pytest.fixture
def ada(db, tmp_path) -> User:
    write_stimuli(tmp_path / "stimuli")
    import_stimuli(folder=tmp_path / "stimuli", name="gulls-demo")
    return User.objects.create_user("ada")


@pytest.fixture
def client(ada) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def draft(ada) -> Draft:
    return begin_draft(text=BRIEF.replace("gulls-demo\n", "mine\n", 1), by=ada)


def step(client: Client, name: str, form: dict, **more):
    draft = Draft.objects.get()
    address = reverse(f"staff-draft-{name}", args=[draft.pk])
    return client.post(address, {"version": draft.version, **form, **more})


def plan():
    return load_text(Draft.objects.get().text).protocol


def test_a_sound_study_of_three_arms_without_a_line_of_yaml(client):
    begun = client.post(
        reverse("staff-draft-new"), {**BASICS, "template": "three-arms", "begin": "template"}
    )
    draft = Draft.objects.get()
    assert begun.url == reverse("staff-draft-arms", args=[draft.pk])
    assert "# Is it the explanation that helps" in draft.text
    assert checked(load_text(draft.text)).is_sound
    assert step(client, "arms", ARMS).url.endswith("/pictures/")
    assert plan().arms["heatmap"].assessment == "none"
    pictures = {"species": ["ivory_gull", "herring_gull"], "pictures_practice": 1}
    pictures |= {"pictures_training": 2, "pictures_assessment": 5}
    assert step(client, "pictures", pictures).url.endswith("/numbers/")
    numbers = {"main": 100, "pilot": "", "alpha": "0.01", "smallest_effect": "0.1"}
    numbers |= {"pay": "2.50", "currency": "EUR", "minutes": "12"}
    assert step(client, "numbers", numbers).url.endswith("/edit/")
    made = plan()
    assert made.species == ("ivory_gull", "herring_gull")
    assert made.allocation.participants == {"main": 102}
    assert (made.payment.cents, made.analysis.alpha) == (250, 0.01)
    draft.refresh_from_db()
    assert checked(load_text(draft.text)).is_sound
    assert "# Is it the explanation that helps" in draft.text
    assert draft.slug == "bills"
    page = client.get(reverse("staff-draft-numbers", args=[draft.pk])).content.decode()
    assert 'value="2.5"' in page and 'value="EUR"' in page


def test_a_step_back_saves_what_was_written(client, draft):
    numbers = {"main": 30, "alpha": "0.02"}
    answer = step(client, "numbers", numbers, go="back")
    assert answer.url.endswith("/pictures/")
    assert plan().analysis.alpha == 0.02


def test_what_a_step_can_not_take_is_said_beside_its_field(client, draft):
    before = draft.text
    pages = [
        step(client, "basics", {**BASICS, "slug": "Bills 1"}),
        step(client, "arms", {**ARMS, "arm-1-key": "none"}),
        step(client, "arms", {**ARMS, **{f"arm-{n}-DELETE": "on" for n in range(3)}}),
        step(client, "arms", {**ARMS, "arm-1-training": "nonsense"}),
        step(client, "pictures", {"species": ["ivory_gull"]}),
        step(client, "numbers", {"main": 3, "alpha": "0.05", "pay": "2", "currency": "euro"}),
    ]
    said = [page.content.decode() for page in pages]
    told = ["Use small letters", "Two arms have the same name", "Keep at least one arm"]
    told += ["Select a valid choice", "Choose two or more", "Wanted where something is paid"]
    assert [words in page for words, page in zip(told, said, strict=True)] == [True] * 6
    draft.refresh_from_db()
    assert draft.text == before


def test_a_step_over_a_newer_text_is_refused_and_can_be_saved_again(client, draft, ada):
    save_draft(draft=draft, text=draft.text + "# newer\n", based_on=1, by=ada)
    numbers = {"main": 30, "alpha": "0.02"}
    refused = step(client, "numbers", {**numbers, "version": 1})
    assert "saved this draft while you were writing" in refused.content.decode()
    assert 'name="version" value="2"' in refused.content.decode()
    step(client, "numbers", numbers)
    text = Draft.objects.get().text
    assert "# newer" in text and "alpha: 0.02" in text


def test_a_text_of_another_shape_leads_to_the_editor(client, draft, ada):
    save_draft(draft=draft, text="slug: x", based_on=1, by=ada)
    for name in ("basics", "arms", "pictures", "numbers"):
        answer = client.get(reverse(f"staff-draft-{name}", args=[draft.pk]))
        assert answer.url == reverse("staff-draft-edit", args=[draft.pk])


def test_a_set_that_is_not_there_is_chosen_anew(client, draft, ada):
    text = draft.text.replace("stimulus_set: gulls-demo", "stimulus_set: lost")
    save_draft(draft=draft, text=text, based_on=1, by=ada)
    answer = client.get(reverse("staff-draft-arms", args=[draft.pk]))
    assert answer.url == reverse("staff-draft-basics", args=[draft.pk])
    step(client, "basics", BASICS)
    assert plan().stimulus_set == "gulls-demo"


def test_a_template_over_other_species_takes_those_of_the_set(client, tmp_path):
    others = ("western_gull", "mew_gull", "glaucous_gull")
    write_stimuli(tmp_path / "others", species=others)
    import_stimuli(folder=tmp_path / "others", name="others")
    form = {**BASICS, "stimulus_set": "others", "template": "two-arms", "begin": "template"}
    client.post(reverse("staff-draft-new"), form)
    assert set(plan().species) == set(others)


def test_one_may_begin_with_a_file_whatever_is_wrong_with_it(client):
    address = reverse("staff-draft-new")
    file = SimpleUploadedFile("x.yaml", "slug: own\r\n# é\r\n".encode())
    answer = client.post(address, {"file": file, "begin": "file"})
    draft = Draft.objects.get()
    assert answer.url == reverse("staff-draft-edit", args=[draft.pk])
    assert (draft.slug, draft.text) == ("own", "slug: own\n# é\n")
    odd = SimpleUploadedFile("x.yaml", b"\xff\xfe")
    page = client.post(address, {"file": odd, "begin": "file"}).content.decode()
    assert "not a file of UTF-8 text" in page
    for content, told in (
        (b"slug: own\n\0", "Line 2 holds a NUL character"),
        (b"#" * 2_000_001, "has 2,000,001 bytes; a protocol has at most 2,000,000"),
        (b"#" * 500_001, "has 500,001 characters; a protocol has at most 500,000"),
    ):
        refused = SimpleUploadedFile("x.yaml", content)
        page = client.post(address, {"file": refused, "begin": "file"}).content.decode()
        assert told in page
    assert list(Draft.objects.all()) == [draft]


def test_a_design_within_participants_keeps_its_lists(client):
    form = {**BASICS, "template": "within", "begin": "template"}
    client.post(reverse("staff-draft-new"), form)
    before = Draft.objects.get().text
    page = client.get(reverse("staff-draft-arms", args=[Draft.objects.get().pk]))
    assert "each of none, placebo, heatmap" in page.content.decode()
    row = {"arm-0-key": "everybody", "arm-0-assessment": "none,placebo,heatmap"}
    row |= {"arm-0-training": "none", "arm-0-practice": "none"}
    count = {"arm-TOTAL_FORMS": "1", "arm-INITIAL_FORMS": "1"}
    step(client, "arms", {**count, **row})
    after = Draft.objects.get().text
    assert load_text(after).protocol == load_text(before).protocol


def test_pictures_are_narrowed_down_and_come_24_a_page(client):
    address = reverse("staff-stimuli-set", args=["gulls-demo"])
    page = client.get(address)
    assert page.content.decode().count("<img") == 24
    assert client.get(address, {"page": 2}).content.decode().count("<img") == 16
    ivory = client.get(address, {"species": "ivory_gull", "split": "test"}).content.decode()
    assert "5 pictures" in ivory and "ivory_gull-001" not in ivory
    assert "None is like that" in client.get(address, {"answer": "wrong"}).content.decode()
    assert "40 pictures" in client.get(address, {"species": "dodo"}).content.decode()
    listed = client.get(reverse("staff-stimuli")).content.decode()
    assert "gulls-demo" in listed and "40 pictures" in listed


def test_a_picture_is_shown_with_everything_known_of_it(client, tmp_path):
    write_stimuli(tmp_path / "all", 2, methods=("igos", "placebo", "xnn", "sag"))
    import_stimuli(folder=tmp_path / "all", name="all")
    page = client.get(reverse("staff-stimulus", args=["all", "ivory_gull-000"]))
    shown = page.content.decode()
    for words in ("80 %", "CC0", "Where the program looked", "What the program went by"):
        assert words in shown
    assert "What the program needs to see" in shown
    assert "computed for ivory_gull-donor" in shown
    assert client.get(reverse("staff-stimulus", args=["all", "nothing"])).status_code == 404


def test_a_picture_is_left_out_of_a_draft_with_a_reason(client, draft, ada):
    address = reverse("staff-stimulus", args=["gulls-demo", "ivory_gull-000"])
    untold = client.post(address, {"draft": draft.pk, "reason": ""}).content.decode()
    assert "This field is required" in untold
    form = {"draft": draft.pk, "reason": "two birds: one hidden"}
    page = client.post(address, form, follow=True).content.decode()
    assert "is left out of mine" in page and "two birds: one hidden" in page
    assert [(one.key, one.reason) for one in plan().exclude] == [
        ("ivory_gull-000", "two birds: one hidden")
    ]
    grid = reverse("staff-stimuli-set", args=["gulls-demo"])
    assert client.get(grid, {"draft": draft.pk}).content.decode().count("left out</span>") == 1
    stranger = Client()
    stranger.force_login(User.objects.create_user("bob"))
    assert "Leave it out" not in stranger.get(address).content.decode()
    stranger.post(address, form | {"reason": "mine"})
    assert plan().exclude[0].reason == "two birds: one hidden"
    assert "left out</span>" not in stranger.get(grid, {"draft": draft.pk}).content.decode()


def test_scores_come_with_an_import_and_newer_ones_take_their_place(client, tmp_path):
    folder, key = tmp_path / "stimuli", "ivory_gull-000"
    stimulus = manifest_of(StimulusSet.objects.get()).stimulus(key)
    entry, picture = stimulus.explanations["igos"], stimulus.picture.sha256
    address = reverse("staff-stimulus", args=["gulls-demo", key])
    assert "Not scored" in client.get(address).content.decode()

    def scored(deletion: float, picture: str = picture) -> None:
        row = {"stimulus": key, "picture": picture, "explanation": "igos", "key": entry.key}
        row |= {"deletion": deletion}
        rows = [row | {"insertion": 0.9, "both": 0.9 * (1 - deletion)}]
        (folder / "scores.json").write_text(json.dumps(rows))
        import_stimuli(folder=folder, name="gulls-demo")

    scored(0.25)
    assert "Deletion 0.25" in client.get(address).content.decode()
    scored(0.2)
    page = client.get(address).content.decode()
    assert "Deletion 0.20" in page and "insertion 0.90" in page and "0.25" not in page
    # Of another picture that once had this one's name.
    scored(0.31, "e" * 64)
    assert "Deletion 0.20" in client.get(address).content.decode()
    (folder / "scores.json").write_text("[]x")
    with pytest.raises(ImportRefused, match=r"is not JSON.*were imported"):
        import_stimuli(folder=folder, name="gulls-demo")


def test_a_borrowed_map_has_scores_of_its_own_on_each_picture(client, tmp_path):
    manifest = write_stimuli(tmp_path / "lent", 2)
    lender, borrower, *rest = manifest.stimuli
    lent = lender.explanations["igos"].model_copy(update={"source": lender.key})
    borrower = borrower.model_copy(
        update={"explanations": {**borrower.explanations, "placebo": lent}}
    )
    manifest = manifest.model_copy(update={"stimuli": (lender, borrower, *rest)})
    (tmp_path / "lent" / "manifest.json").write_text(manifest.model_dump_json())
    rows = [
        {"stimulus": stimulus.key, "picture": stimulus.picture.sha256, "explanation": name}
        | {"key": lent.key, "deletion": deletion, "insertion": 0.5, "both": 0.5 * (1 - deletion)}
        for stimulus, name, deletion in ((lender, "igos", 0.11), (borrower, "placebo", 0.44))
    ]
    (tmp_path / "lent" / "scores.json").write_text(json.dumps(rows))
    import_stimuli(folder=tmp_path / "lent", name="lent")
    for stimulus, told, other in ((lender, "0.11", "0.44"), (borrower, "0.44", "0.11")):
        page = client.get(reverse("staff-stimulus", args=["lent", stimulus.key])).content.decode()
        assert f"Deletion {told}" in page and f"Deletion {other}" not in page
