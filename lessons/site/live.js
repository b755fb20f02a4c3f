// Stages and predictions on a page without Python. Follows draw.js and stage.js in one script: a page that lies in a
// folder can load no modules and fetch no files, but it can load scripts.
//
// In the page: <figure class="live" data-stage="NAME" data-script="PATH"><img ...></figure>, the still, which a reader
// sees before the script has come, on paper, and where it can't be read. The script calls lessonsStage(NAME, text);
// takes.py says what is in it. Player stands in for Python: stage.js asks it as it would ask a kernel.

const arrived = {};         // name -> what to do with its text
window.lessonsStage = (name, text) => arrived[name]?.(text);

async function inflated(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
}

// The inverse of `patch` of takes.py.
function patched(base, change) {
  if (Array.isArray(change)) return change[0];
  const whole = Array.isArray(base) ? [...base] : { ...base };
  for (const [key, part] of Object.entries(change)) whole[key] = patched(base[key], part);
  return whole;
}

// The inverse of `quantized` of takes.py: bytes by significance -> fractions, track after track.
function fractions(bytes, tracks, grain) {
  const count = bytes.length / 4, found = new Float32Array(count);
  let at = 0;
  for (const { frames, perFrame } of tracks) {
    const width = 2 * perFrame, before = new Int32Array(width);
    for (let i = 0; i < frames * width; i++, at++) {
      const folded = bytes[at] | bytes[count + at] << 8 | bytes[2 * count + at] << 16 | bytes[3 * count + at] << 24;
      before[i % width] += (folded >>> 1) ^ -(folded & 1);      // wraps round at 32 bits, as in Python
      found[at] = before[i % width] === NOWHERE ? NaN : before[i % width] / grain;
    }
  }
  return found;
}
const NOWHERE = -(2 ** 31);

function unpacked(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  let at = 4 + size;
  const cut = (length) => { at += length; return new Uint8Array(buffer, at - length, length); };
  head.takes = head.takes.map(([change, length, ...look]) => ({ change, bytes: cut(length), look }));
  return head;
}

// What anywidget's model is to stage.js, with takes in Python's place.
class Player {
  constructor(head) {
    Object.assign(this, head, { state: 0, turned: null, dark: false, rev: 0, heard: {} });
    this.show(this.states[0].take, {});
  }

  get(name) { return { scene: this.scene, data: this.data, backdrop: this.backdrop, rev: this.rev, recording: {}, opened: true }[name]; }
  on(event, act) { (this.heard[event] ??= []).push(act); }
  off(event, act) { this.heard[event] = this.heard[event]?.filter((other) => other !== act); }
  send() {}                                    // nobody computes, so there is nothing to stop or to ask
  set(name, value) { this[name] = value; }
  save_changes() {                             // as Python does, answer when the browser has finished asking
    const { dark, seq, ...wish } = this.moved;
    queueMicrotask(() => {
      this.dark = dark;
      const [take, words] = Object.keys(wish).length ? this.answer(wish) : [this.now, this.scene.notice];
      this.show(take, { seq, ...(words ? { notice: words } : {}) });
      for (const act of this.heard["change:rev"] ?? []) act();
    });
  }

  show(number, more) {
    const { change, bytes, look } = this.takes[number], scene = patched(this.base, change);
    this.now = number;
    this.scene = { ...scene, ...more };
    const floats = fractions(bytes, scene.tracks, this.grain);
    this.data = new DataView(floats.buffer);
    this.backdrop = this.pictures[look[this.dark ? 1 : 0]];
    this.rev += 1;
  }

  // A wish, {knob: value}, -> [take, words]: the words say what the page can't show.
  answer(wish) {
    const names = Object.keys(wish), here = this.states[this.state];
    const preset = this.base.presets.findIndex(({ values }) => same(values, wish));
    if (preset >= 0) return this.enter(here.presets[preset], wish, `“${this.base.presets[preset].label}”`);
    const [name] = names, knob = this.base.knobs.find((row) => row.name === name);
    if (names.length > 1) return this.unknown("These settings together");
    if (knob?.type === "choice") return this.enter(here.choices[name]?.[knob.options.indexOf(wish[name])], wish, `“${wish[name]}”`);
    const label = knob?.label ?? this.base.points.find((point) => point.name === name).label;
    const row = here.rows[name];
    if (!row) return this.unknown(`“${label}”`);
    const others = this.turned && this.turned.name !== name ? this.turned : null;
    const place = nearest(row, knob ? this.tick(knob, wish[name]) : node(wish[name], this.nodes));
    this.turned = { name, place, label };
    return [row[place], others && `“${others.label}” went back: this page has recorded one knob at a time.`];
  }

  tick(knob, value) { return tickAt(this.scene.knobs.find(({ name }) => name === knob.name) ?? knob, value); }

  // Go to a state; a knob that was turned stays where it is, if that was recorded there and the wish does not turn it.
  enter(number, wish, label) {
    if (number === null || number === undefined) return this.unknown(label);
    const { take, rows } = this.states[number], { name, place } = this.turned ?? {};
    this.state = number;
    if (rows[name] && !(name in wish)) return [rows[name][nearest(rows[name], place)]];
    this.turned = null;
    return [take];
  }

  unknown(what) {
    const rows = this.states[this.state].rows;
    const labels = [...this.scene.knobs, ...this.scene.points].filter(({ name }) => rows[name]).map(({ label }) => label);
    return [this.now, `${what} needs Python, which this page does not have, and no such picture was recorded. `
      + (labels.length ? `Recorded here: ${labels.join(", ")}. ` : "") + "Open the lesson's notebook in JupyterLab to turn everything."];
  }
}
const same = (a, b) => Object.keys(a).length === Object.keys(b).length
  && Object.entries(a).every(([name, value]) => JSON.stringify(value) === JSON.stringify(b[name]));
const nearest = (row, place) => row.reduce((best, take, i) =>
  take !== null && (best < 0 || Math.abs(i - place) < Math.abs(best - place)) ? i : best, -1);
const node = ([u, v], nodes) => {
  const [i, j] = [u, v].map((f) => Math.max(0, Math.min(nodes - 1, Math.floor(f * nodes))));
  return j * nodes + i;
};

// A knob of which nothing is recorded at present looks so, and says so when it is turned.
function mark(figure, player) {
  const nodes = figure.querySelectorAll(".stage-knobs > *"), { rows, choices } = player.states[player.state];
  player.scene.knobs.forEach(({ name, hint = "" }, i) => {
    const silent = !rows[name] && !choices[name]?.some((state) => state !== null);
    nodes[i].classList.toggle("live-silent", silent);
    nodes[i].title = silent ? "Needs Python: open the lesson's notebook to turn this." : hint;
  });
}

function come(figure) {
  const { stage, script } = figure.dataset, tag = make("script", "", { src: script });
  arrived[stage] = async (text) => {
    const player = new Player(unpacked(await inflated(text))), room = make("div", "live-room");
    figure.append(room);
    render({ model: player, el: room });
    player.on("change:rev", () => mark(figure, player));
    mark(figure, player);
    figure.classList.add("live-plays");
  };
  tag.onerror = () => figure.append(make("p", "live-missing", {
    textContent: `The moving picture could not be loaded (${script}). This is its still.` }));
  document.head.append(tag);
}

// Predictions: <div class="predict" data-guess="1"> with a list of options; <div class="answer" data-guess data-answer
// data-truth>; <div class="score" data-guesses="1 2">. A choice counts once its answer has been shown.
const guesses = {}, followers = [];        // number -> {choice, final, answer}
const guessOf = (number) => guesses[number] ??= { choice: null, final: null, answer: null };
const told = () => followers.forEach((follow) => follow());

function ask(box) {
  const guess = guessOf(box.dataset.guess), list = box.querySelector("ul"), said = make("p", "predict-said");
  said.setAttribute("aria-live", "polite");
  const buttons = [...list.querySelectorAll("li")].map(({ textContent }) => make("button", "predict-option", { type: "button", textContent }));
  for (const button of buttons) button.addEventListener("click", () => { guess.choice = button.textContent; told(); });
  followers.push(() => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", button.textContent === (guess.final ?? guess.choice));
      button.disabled = guess.final !== null;
    }
    said.textContent = guess.choice === null ? "" : `Your guess: ${guess.final ?? guess.choice}`;
  });
  const group = make("div", "predict-options", {}, ...buttons);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", box.querySelector("p").textContent);
  list.replaceWith(group, said);
}

function reveal(box) {
  const { answer, truth } = box.dataset, guess = guessOf(box.dataset.guess), card = box.firstElementChild;
  const button = make("button", "predict-option", { type: "button", textContent: "Show the answer" });
  const said = make("p", "predict-said");
  said.setAttribute("aria-live", "polite");
  box.replaceChildren(button, said);
  button.addEventListener("click", () => {
    if (guess.choice === null) { said.textContent = "Choose an answer above first."; return; }
    guess.final = guess.choice; guess.answer = answer;
    told();
  });
  followers.push(() => {
    if (guess.final === null || !button.isConnected) return;
    const right = guess.final === answer, words = right ? `You predicted it: ${truth}` : `You predicted: ${guess.final}. It is: ${truth}`;
    card.className = `live-card ${right ? "yes" : "no"}`;
    card.textContent = `${right ? "✓" : "✗"} ${words}`;
    card.removeAttribute("style");
    button.remove();
    said.replaceChildren(card);
  });
}

function score(box) {
  const asked = box.dataset.guesses.split(" ").map(guessOf), card = make("div", "live-card open");
  card.setAttribute("aria-live", "polite");
  box.replaceChildren(card);
  followers.push(() => {
    const taken = asked.filter(({ final }) => final !== null), left = asked.length - taken.length;
    const right = taken.filter(({ final, answer }) => final === answer).length;
    card.className = `live-card ${left ? "open" : "yes"}`;
    card.textContent = !taken.length ? `? Predictions still open: ${left}. Choose above.`
      : `${left ? "?" : "✓"} You predicted ${right} of ${taken.length}.${left ? ` Still open: ${left}.` : ""}`;
  });
}

// The page of all claims: a button for each verdict shows its claims alone.
function filter(box) {
  const rows = [...document.querySelectorAll("article tbody tr")], verdict = (row) => row.cells[1].textContent.trim();
  const count = (name) => rows.filter((row) => !name || verdict(row) === name).length;
  const buttons = ["", ...new Set(rows.map(verdict))].map((name) => {
    const button = make("button", "predict-option", { type: "button", textContent: `${name || "All"} (${count(name)})` });
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", other === button);
      for (const row of rows) row.hidden = Boolean(name) && verdict(row) !== name;
      for (const section of document.querySelectorAll("article section section"))
        section.hidden = ![...section.querySelectorAll("tbody tr")].some((row) => !row.hidden);
    });
    button.setAttribute("aria-pressed", !name);
    return button;
  });
  box.className = "predict-options";
  box.append(...buttons);
}

// What the theme and MathJax leave unsaid to those who use a keyboard or hear the page.
function label() {
  for (const toggle of document.querySelectorAll("summary:has(> .toctree-toggle)"))
    toggle.setAttribute("aria-label", "pages below this one");
  window.MathJax?.startup?.promise?.then(() => {
    for (const formula of document.querySelectorAll('mjx-container[display="true"]'))
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;      // it can be scrolled by keys
  });
}

function start() {
  const page = document.documentElement;
  const follow = () => { document.body.dataset.jpThemeLight = String(page.dataset.theme !== "dark"); };
  new MutationObserver(follow).observe(page, { attributes: true, attributeFilter: ["data-theme"] });
  follow();
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) { near.unobserve(target); come(target); }
  }, { rootMargin: "600px" });
  for (const figure of document.querySelectorAll("figure.live")) near.observe(figure);
  document.querySelectorAll(".predict").forEach(ask);
  document.querySelectorAll(".answer").forEach(reveal);
  document.querySelectorAll(".score").forEach(score);
  document.querySelectorAll(".claims-filter").forEach(filter);
  told();
  window.addEventListener("load", label);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();
