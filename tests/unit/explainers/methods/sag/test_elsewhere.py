"""Further sets beyond those that a beam finds around the most relevant patches."""

from explainers.methods.sag.elsewhere import search_elsewhere
from explainers.methods.sag.prefix import shortest_prefix
from explainers.methods.sag.settings import SagSettings
from tests.unit.explainers.methods.sag.driving import Asked, bits, monotone

RANKED = [4, 0, 8, 2, 6, 1, 3, 5, 7]


def further(found, *terms, **settings):
    asked = Asked(monotone(*terms))
    search = search_elsewhere(asked.confidence, RANKED, found, SagSettings(**settings))
    return asked.end_of(search), len(set(asked.sets) - set(found))


def test_a_set_of_other_patches_is_found_and_reduced():
    near = [bits(0, 4), bits(4, 8)]
    found, _ = further(near, *near, bits(3, 5))
    assert set(found) == {*near, bits(3, 5)}


def test_one_patch_may_be_shared_where_the_settings_allow_it():
    near = [bits(0, 2, 4)]
    terms = [*near, bits(1, 4, 7)]
    assert set(further(near, *terms)[0]) == {*near, bits(1, 4, 7)}
    assert further(near, *terms, most_overlap=0)[0] == near


def test_where_the_rest_does_not_suffice_little_is_asked():
    only = [bits(0, 2, 4)]
    found, asked = further(only, *only)
    assert found == only
    # The rest alone, and with each of the three.
    assert asked == 4


def test_enough_different_sets_need_no_search():
    enough = [bits(0), bits(1), bits(2)]
    assert further(enough, *enough, bits(7)) == (enough, 0)


def test_the_shortest_prefix_takes_patches_in_the_given_order():
    asked = Asked(monotone(bits(0, 2)))
    assert asked.end_of(shortest_prefix(asked.confidence, RANKED, 0.9)) == bits(4, 0, 8, 2)
