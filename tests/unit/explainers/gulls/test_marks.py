"""The table of field marks: ranges, similar species, and what people saw in photographs."""

import csv
from dataclasses import fields
from itertools import permutations

import pytest

from explainers.imagesets.gulls import (
    MARK_PARTS,
    PARTS,
    DrawnGulls,
    Marks,
    telling_marks,
    telling_parts,
)
from explainers.imagesets.gulls.difficulty import difficulty_of
from explainers.imagesets.gulls.light import developed, kodak
from explainers.imagesets.gulls.marks import SIMILAR, SPECIES, distance, marks_of

MIDDLE = dict.fromkeys(MARK_PARTS, 0.0)
PAIRS = list(permutations(SPECIES, 2))


def test_every_mark_is_a_field_and_shows_on_known_parts():
    assert [field.name for field in fields(Marks)] == list(MARK_PARTS)
    assert {part for parts in MARK_PARTS.values() for part in parts} == set(PARTS)


@pytest.mark.parametrize("difficulty", [0.0, 0.5, 0.8])
@pytest.mark.parametrize(("species", "other"), PAIRS)
def test_each_pair_differs_in_a_mark_by_more_than_its_spread(species, other, difficulty):
    similarity = difficulty_of(difficulty).similarity
    marks = telling_marks(species, other, similarity)
    assert marks
    assert marks == telling_marks(other, species, similarity)
    assert marks == DrawnGulls(1, 0, difficulty=difficulty).telling_marks(species, other)
    parts = telling_parts(species, other, similarity)
    assert set(parts) == {p for m in marks for p in MARK_PARTS[m]}
    for mark in marks:
        # Not even the most alike birds of the two species agree.
        gaps = [
            distance(
                getattr(marks_of(species, {**MIDDLE, mark: one}, similarity), mark),
                getattr(marks_of(other, {**MIDDLE, mark: two}, similarity), mark),
            )
            for one in (-1, 1)
            for two in (-1, 1)
        ]
        assert min(gaps) > 0


def test_marks_that_difficulty_pulls_together_tell_no_longer():
    assert "mantle_grey" in telling_marks("glaucous_winged_gull", "herring_gull")
    assert "mantle_grey" not in DrawnGulls(1, 0, difficulty=0.5).telling_marks(
        "glaucous_winged_gull", "herring_gull"
    )
    assert not DrawnGulls(1, 0, difficulty=1.0).telling_marks("western_gull", "slaty_backed_gull")


def test_similar_species_are_told_by_less_than_others():
    pairs = {
        ("herring_gull", "glaucous_winged_gull"),
        ("western_gull", "slaty_backed_gull"),
        ("california_gull", "ring_billed_gull"),
        ("california_gull", "herring_gull"),
        ("ring_billed_gull", "herring_gull"),
    }
    strange = min(
        len(telling_marks("heermann_gull", other)) for other in SPECIES if other != "heermann_gull"
    )
    for pair in pairs:
        assert len(telling_marks(*pair)) <= strange
        assert SIMILAR[pair[0]] in SPECIES


def test_western_and_slaty_backed_overlap_in_the_grey_of_the_mantle():
    assert "mantle_grey" not in telling_marks("western_gull", "slaty_backed_gull")


def test_a_kodak_step_is_a_tenth_of_density_and_darker():
    greys = [float(kodak(step)[1]) for step in range(20)]
    assert greys[0] / greys[10] == pytest.approx(10, rel=1e-5)
    tones = [int(developed(kodak(step)[None, None], 0.0)[0, 0, 1]) for step in (0, 4, 10, 17)]
    assert tones[0] > 230
    assert 150 < tones[1] < 175
    assert 70 < tones[2] < 95
    assert tones[3] < 50


# Percentages of annotators of CUB, against the table. What is left out, and why:
# - Slaty-backed: a third saw a black bill and a fifth brown; many photographs show young birds.
# - California: "grey", "buff" and "yellow" legs share the votes; no box says greenish yellow.
# - Flesh has no box either: pink, orange, buff and white are counted together.
# - California: more saw black on the back than on a Western Gull, although its mantle is paler by
#   every guide: folded wing tips were counted to the back.
# - Tails: black was seen on every species with black wing tips, which cover a folded tail.


@pytest.fixture
def seen(real_data):
    path = real_data / "gulls_cub" / "gull_class_attributes_percent.csv"
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = {name: name.split(".")[1].lower() for name in rows[0] if name[:1] == "0"}
    return {
        row["attribute"].removeprefix("has_"): {
            species: float(row[column]) for column, species in columns.items()
        }
        for row in rows
    }


def share(seen, species, kind, *colours):
    return sum(seen[f"{kind}::{colour}"][species] for colour in colours)


@pytest.mark.real_data
def test_legs_have_the_colour_that_people_saw(seen):
    for species, field in SPECIES.items():
        red, green, blue = field.mean.legs
        votes = {
            "dark": share(seen, species, "leg_color", "black", "grey"),
            "yellow": share(seen, species, "leg_color", "yellow"),
            "flesh": share(seen, species, "leg_color", "pink", "orange", "buff", "white"),
        }
        if species == "california_gull":
            continue
        drawn = "dark" if red < 80 else "yellow" if green > 1.5 * blue else "flesh"
        if species == "ring_billed_gull":
            assert seen["leg_color::yellow"][species] == max(
                seen[f"leg_color::{c}"][species] for c in ("yellow", "pink", "orange", "black")
            )
            assert drawn == "yellow"
        else:
            assert drawn == max(votes, key=lambda name: votes[name]), (species, votes)


@pytest.mark.real_data
def test_bills_have_the_colour_that_people_saw(seen):
    for species, field in SPECIES.items():
        if species == "slaty_backed_gull":
            continue
        red, green, blue = field.mean.bill_base
        drawn = "red" if green < 80 else "grey" if blue > red else "yellow"
        colours = ("red", "grey", "yellow", "brown", "green", "pink", "white")
        assert drawn == max(colours, key=lambda c: seen[f"bill_color::{c}"].get(species, 0.0))
    blackest = max(SPECIES, key=lambda species: seen["bill_color::black"][species])
    assert SPECIES[blackest].mean.ring == 1.0


@pytest.mark.real_data
def test_pale_eyes_were_seen_pale(seen):
    pale = {s: share(seen, s, "eye_color", "yellow", "white") for s in SPECIES}
    drawn_pale = {s for s, field in SPECIES.items() if sum(field.mean.iris) > 450}
    assert min(pale[s] for s in drawn_pale) > max(pale[s] for s in set(SPECIES) - drawn_pale)


@pytest.mark.real_data
def test_backs_wing_tips_and_bellies_have_the_grey_that_people_saw(seen):
    black = {s: seen["back_color::black"][s] for s in SPECIES if s != "california_gull"}
    darkest = sorted(black, key=lambda s: SPECIES[s].mean.mantle_grey)[-3:]
    assert set(sorted(black, key=black.__getitem__)[-3:]) == set(darkest)
    tips = {s: seen["primary_color::black"][s] for s in SPECIES}
    pale_tips = {s for s, field in SPECIES.items() if field.mean.wing_tip_grey < 10}
    assert set(sorted(tips, key=tips.__getitem__)[:2]) == pale_tips
    grey_bellies = {s for s in SPECIES if seen["belly_color::grey"][s] > 50}
    assert grey_bellies == {s for s, field in SPECIES.items() if field.mean.body_grey > 3}
    white_backs = {s for s in SPECIES if seen["back_color::grey"][s] < 20}
    assert white_backs == {s for s, field in SPECIES.items() if field.mean.mantle_grey < 1}


@pytest.mark.real_data
def test_the_shortest_bill_was_seen_short(seen):
    shorter = {s: seen["bill_length::shorter_than_head"][s] for s in SPECIES}
    assert max(shorter, key=shorter.__getitem__) == min(
        SPECIES, key=lambda s: SPECIES[s].mean.bill_length
    )
