"""How quick a built site is in a browser: each lesson's pictures, played and turned."""

import os
import time

from support.lab import ROOT, chromium
from support.site import Page, lessons, serve

READY, PLAYED = "first picture plays, after: s", "playing: pictures/s"
SLOWEST, KNOB = "the slowest picture: pictures/s", "recorded slider: ms"
COLUMNS = READY, PLAYED, SLOWEST, KNOB
MEASURE = """async (figure) => {
  const ended = new MessageChannel(), said = {rates: [], knobs: []};
  const stage = figure.querySelector('.stage');
  const turned = '.stage-knob:not(.live-silent):not([hidden]) input';
  const frame = () => new Promise((done) => {      // when all that draws in a frame has drawn
    ended.port1.onmessage = () => done(performance.now());
    requestAnimationFrame(() => ended.port2.postMessage(0));
  });
  const play = stage.querySelector('.stage-play'), scrub = stage.querySelector('.stage-scrub');
  scrub.value = 0;
  scrub.dispatchEvent(new Event('input'));
  play.click();
  let frames = 0, now = await frame();
  const start = now;
  while (stage.dataset.state === 'playing' && now - start < 1000) {
    now = await frame();
    frames += 1;
  }
  if (now - start > 300) said.rates.push(1000 * frames / (now - start));
  if (stage.dataset.state === 'playing') play.click();
  for (const input of stage.querySelectorAll(turned)) {
    for (let i = 0; i < 5; i++) {
      await new Promise((done) => setTimeout(done, 37 * (1 + i % 3)));
      const rev = stage.dataset.rev, began = performance.now();
      input.value = (Number(input.value) + Math.ceil(input.max / 4)) % input.max;
      input.dispatchEvent(new Event('input'));
      const drawn = await frame();
      if (stage.dataset.rev !== rev) said.knobs.push(drawn - began);
    }
  }
  return said;
}"""


def measure(note):
    """Measure each lesson of the site that SITE names, or of build/site/html; returns the browser's
    version. note(lesson, column, values) takes what was found."""
    site = ROOT / os.environ.get("SITE", "build/site/html")
    with serve(site) as address, chromium() as browser:
        for name in lessons(site):
            began = time.monotonic()
            page = Page(browser, address + name)
            figures = page.page.locator("figure.live")
            figures.first.scroll_into_view_if_needed()
            figures.first.locator(".stage").wait_for()
            note(name[:2], READY, [time.monotonic() - began])
            page.comes_alive()
            found = [figure.evaluate(MEASURE) for figure in figures.all()]
            rates = [rate for one in found for rate in one["rates"]]
            note(name[:2], PLAYED, rates)
            note(name[:2], SLOWEST, [min(rates)])
            note(name[:2], KNOB, [ms for one in found for ms in one["knobs"]])
            page.close()
        return browser.version
