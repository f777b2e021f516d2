"""A seed draws one story, and the story is what the run promises."""

from collections import Counter

from tests.chaos.places import vaults_of
from tests.chaos.size import FULL, SHORT
from tests.chaos.story import TIMES, story_of


def test_a_seed_draws_the_same_story_again() -> None:
    one, same, other = (story_of(seed, SHORT, vaults_of(SHORT)) for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_the_whole_run_is_as_large_as_it_says() -> None:
    story = story_of(1, FULL, vaults_of(FULL))
    delivered = Counter(number for delivery in story.deliveries for number in delivery.news)

    meddled = sum(len(each.changes) for each in story.meddling)
    assert (len(story.news) + meddled, set(delivered.values())) == (2000, {TIMES})
    assert (sum(count for count, _ in FULL.groups.values()), FULL.hosts) == (40, 3)
    assert {news.vault for news in story.news} == set(vaults_of(FULL))


def test_no_event_is_delivered_before_it_is_raised() -> None:
    story = story_of(1, SHORT, vaults_of(SHORT))
    raised = {news.number: news.at for news in story.news}

    assert all(delivery.at >= raised[number] for delivery in story.deliveries for number in delivery.news)
