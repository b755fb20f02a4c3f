"""The site in a browser, from its folder and without a network.

A small one is built for this. SITE=build/site/html tests another one, page by page: `make site`.
"""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.lab import Player, until
from support.site import PHONE, Page, lessons, open_page, pages, serve, site  # noqa: F401

from lessons.site import checks, slides

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}      # what dark changes


@pytest.fixture
def lesson(site, open_page):  # noqa: F811
    page = open_page(lessons(site)[0])
    yield page
    page.close()


@pytest.fixture
def stage(lesson):
    """The first live picture of the first lesson, awake."""
    lesson.page.locator("figure.live").first.scroll_into_view_if_needed()
    player = Player(lesson.page)
    player.has(state="paused")
    return player


def test_pages_come_alive_without_a_complaint_or_a_request_to_others(site, open_page):  # noqa: F811
    for name in pages(site):
        page = open_page(name)
        assert page.comes_alive() > 0 or name not in lessons(site)
        assert page.complaints == [], name
        assert all(url.startswith(("file:", "data:", "blob:")) for url in page.asked), name
        page.close()


def test_pages_fit_a_phone(site, open_page):  # noqa: F811
    for name in pages(site):
        page = open_page(name, PHONE, color_scheme="dark")
        page.comes_alive()
        assert page.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
        page.close()


def test_the_site_has_no_fault_of_those_that_are_looked_for(site):  # noqa: F811
    assert checks.problems(site) == []


def test_pages_have_no_barriers_that_axe_knows(site, open_page):  # noqa: F811
    for name in pages(site):
        for scheme, rules in ("light", WCAG), ("dark", COLOURS):
            page = open_page(name, color_scheme=scheme)
            page.comes_alive()
            found = Axe().run(page.page, options=rules).response["violations"]
            told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
            assert told == [], f"{name}, {scheme}"
            page.close()


def test_a_picture_plays_and_is_steered_by_keys(stage):
    stage.press("Home", " ")
    stage.has(state="playing")
    until(lambda: int(stage.says("step")) > 2)
    stage.press(" ")
    stage.has(state="paused")
    stage.press("Home", "ArrowRight", "ArrowRight", "ArrowLeft")
    stage.has(step=1)
    stage.press("End")
    stage.has(step=stage.part("scrub").get_attribute("max"))


def test_a_recorded_knob_answers_without_python(stage):
    knob, before = stage.root.locator("input[type=range]").nth(1), stage.pixels()
    said = stage.root.locator(".stage-value").first.text_content()
    with stage.answered():
        stage.press("ArrowLeft", "ArrowLeft", on=knob)
    assert stage.root.locator(".stage-value").first.text_content() != said
    assert not np.array_equal(stage.pixels(), before)
    expect(stage.part("message")).to_be_hidden()


def test_a_preset_plays_from_its_start(lesson, stage):
    lesson.comes_alive()
    stage.root = lesson.page.locator(".stage:has(.stage-preset)").first
    before = stage.part("note").all_text_contents()
    stage.part("preset").first.click()
    stage.has(state="playing")
    stage.press("End")
    stage.has(step=stage.part("scrub").get_attribute("max"))
    assert stage.part("note").all_text_contents() != before


def test_printing_shows_every_still_and_hides_the_buttons(lesson):
    figures = [lesson.page.locator("figure.live").nth(i) for i in range(lesson.comes_alive())]
    assert not any(figure.locator("> img").is_visible() for figure in figures)
    lesson.page.emulate_media(media="print")
    assert all(figure.locator("> img").is_visible() for figure in figures)
    assert not any(figure.locator(".stage").is_visible() for figure in figures)


def test_a_guess_counts_once_its_answer_was_shown(lesson):
    page = lesson.page
    ask, answer, score = (page.locator(f".{name}").first for name in ("predict", "answer", "score"))
    answer.get_by_role("button").click()
    expect(answer).to_contain_text("Choose an answer above first.")
    expect(score).to_contain_text("still open")
    ask.get_by_role("button").first.click()
    expect(ask).to_contain_text("Your guess:")
    answer.get_by_role("button").click()
    expect(answer).to_contain_text("You predicted")
    expect(ask.get_by_role("button").first).to_be_disabled()
    expect(score).to_contain_text("of 1.")


def test_slides_play_too(site, lesson):  # noqa: F811
    notebook = site / "notebooks" / lessons(site)[0].replace(".html", ".ipynb")
    page = Page(lesson.context.browser, slides.write(notebook, site.parent).as_uri())
    slide = "Reveal.getIndices(document.querySelector('figure.live').closest('section'))"
    page.page.evaluate(f"(({{h, v}}) => Reveal.slide(h, v))({slide})")
    player = Player(page.page)
    player.press("Home", " ")
    until(lambda: int(player.says("step")) > 2)
    assert page.complaints == [] and all(url.startswith("file:") or url.startswith("data:")
                                         for url in page.asked)
    page.close()


def test_the_site_works_from_a_server_too(site, lesson):  # noqa: F811
    with serve(site) as address:
        page = Page(lesson.context.browser, address + lessons(site)[0])
        assert page.comes_alive() and page.complaints == []
        assert all(url.startswith((address, "data:", "blob:")) for url in page.asked)
        page.close()
