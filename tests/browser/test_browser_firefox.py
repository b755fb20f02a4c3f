"""The site in the Firefox that FIREFOX names, as in FIREFOX=firefox-esr, without a network.

A small site is built for this. SITE=build/site/html tests another one, page by page.
"""

import os
from contextlib import nullcontext

import pytest
from support.firefox import firefox
from support.lab import until
from support.site import lessons, pages, serve, site  # noqa: F401

FIGURES = "[...document.querySelectorAll('figure.live')]"
STAGE = f"{FIGURES}[%d].querySelector('.stage')"
FONTS = "[...document.fonts].map((font) => font.status).filter((said) => said !== 'unloaded')"
SLIDER = "{}.querySelector('.stage-knob:not(.live-silent):not([hidden]) input[type=range]')"


@pytest.fixture(scope="module")
def tab():
    with firefox(os.environ["FIREFOX"]) as opened:
        yield opened


@pytest.fixture(params=["folder", "server"])
def address(request, site):  # noqa: F811
    """The address before a page's name: of the folder, or of a server on this computer."""
    folder = nullcontext(f"{site.as_uri()}/")
    with folder if request.param == "folder" else serve(site) as found:
        yield found


def opened(tab, address):
    """Open a page and wake all its pictures; returns how many there are."""
    tab.complaints.clear()
    tab.asked.clear()
    tab.open(address)
    count = tab.ask(f"{FIGURES}.length")
    for number in range(count):
        tab.ask(f"{FIGURES}[{number}].scrollIntoView()")
        until(lambda number=number: tab.ask(f"Boolean({STAGE % number})"))
    return count


def test_pages_come_alive_without_a_complaint_or_a_request_to_others(tab, address, site):  # noqa: F811
    for name in pages(site):
        assert opened(tab, address + name) > 0 or name not in lessons(site)
        assert tab.complaints == [], name
        assert all(url.startswith((address, "data:", "blob:")) for url in tab.asked), name
        assert tab.ask("[...document.images].filter((image) => !image.alt).length") == 0, name
        assert {*tab.ask(f"document.fonts.ready.then(() => {FONTS})")} == {"loaded"}, name  # icons


def test_pictures_play_and_recorded_sliders_answer(tab, address, site):  # noqa: F811
    for name in lessons(site):
        for number in range(opened(tab, address + name)):
            stage = STAGE % number
            tab.ask(f"{stage}.focus()")
            tab.press("Home", " ")
            until(lambda stage=stage: int(tab.ask(f"{stage}.dataset.step")) > 0)
            tab.press("End")
            slider = SLIDER.format(stage)
            if tab.ask(f"Boolean({slider})"):
                before = tab.ask(f"{stage}.dataset.rev")
                tab.ask(f"{slider}.focus()")
                tab.press("ArrowLeft", "ArrowRight", "ArrowRight")
                until(lambda stage=stage, before=before:
                      tab.ask(f"{stage}.dataset.rev") != before)
        assert tab.complaints == [], name
