// Plays the tracks of a Stage over its backdrop. Python owns every number; the browser draws, by draw.js.
// Wire: `scene` (what there is), `data` (float32 fractions of the axes, track after track), `backdrop` (PNG).
// The browser writes one trait, `moved`: which knobs and points the reader has set since Python last answered.

const SPEEDS = [0.25, 0.5, 1, 2, 4], PATIENCE = 4000;

function render({ model, el }) {
  const ended = new AbortController(), calm = matchMedia("(prefers-reduced-motion: reduce)");
  const on = (node, type, act) => node.addEventListener(type, act, { signal: ended.signal });
  let scene = model.get("scene"), floats = new Float32Array(), now = 0, playing = false, speed = 1;
  let before = 0, frame = 0, seq = 0, waiting = 0, picture = "";
  const pending = {}, hidden = new Set(), controls = {}, clicks = {}, handles = {}, legend = {};

  // The page
  const img = make("img", "stage-backdrop", { draggable: false });
  const canvas = make("canvas", "stage-canvas", { "aria-hidden": "true" }), g = canvas.getContext("2d");
  const view = make("div", "stage-picture", {}, img, canvas);
  const button = (name, text, label, act) => {
    const node = make("button", `stage-button stage-${name}`, { type: "button", textContent: text, "aria-label": label });
    on(node, "click", act);
    return node;
  };
  const playButton = button("play", "Play", "play", () => setPlaying(!playing));
  const scrub = make("input", "stage-scrub", { type: "range", min: 0, step: 1, "aria-label": "step" });
  const count = make("output", "stage-count"), message = make("div", "stage-message", { role: "alert" });
  const spoken = make("div", "stage-spoken", { "aria-live": "polite" });
  const pace = make("select", "stage-speed", { "aria-label": "speed" },
    ...SPEEDS.map((s) => make("option", "", { value: s, textContent: `${s}×`, selected: s === 1 })));
  const bar = make("div", "stage-bar", {}, playButton,
    button("back", "‹", "one step back", () => go(Math.ceil(now) - 1)),
    button("forward", "›", "one step forward", () => go(Math.floor(now) + 1)), scrub, count, pace,
    button("full", "Full screen", "full screen", () =>
      document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  const legendRow = make("div", "stage-legend"), knobRow = make("div", "stage-knobs"), presetRow = make("div", "stage-presets");
  const root = make("div", "stage", { role: "group", tabIndex: 0, "aria-label": scene.title || scene.alt },
    legendRow, view, bar, presetRow, knobRow, message, spoken);
  el.append(root);

  for (const row of scene.legend) {
    const sample = make("canvas", "stage-sample", { width: 88, height: 28, "aria-hidden": "true" });
    const note = make("span", "stage-note"), node = button("rival", "", row.name, () => {
      if (hidden.delete(row.name)) node.ariaPressed = "true";
      else { hidden.add(row.name); node.ariaPressed = "false"; }
      draw();
    });
    node.ariaPressed = "true";
    node.append(sample, make("b", "", { textContent: row.name }), note);
    drawSample(sample, row);
    legend[row.name] = note;
    legendRow.append(node);
  }
  for (const knob of scene.knobs) {
    if (knob.type === "button") {
      const node = button("action", knob.label, knob.label, () => send({ [knob.name]: (clicks[knob.name] += 1) }));
      clicks[knob.name] = knob.value;
      controls[knob.name] = { node };
      knobRow.append(node);
      continue;
    }
    const range = knob.type === "range", value = make("output", "stage-value");
    const input = range ? make("input", "", { type: "range", min: 0, max: TICKS, step: 1 })
      : make("select", "", {}, ...knob.options.map((o) => make("option", "", { value: o, textContent: o })));
    input.setAttribute("aria-label", knob.label);
    on(input, "input", () => {
      const set = range ? valueAt(knob, Number(input.value)) : input.value;
      showKnob(knob, set);
      send({ [knob.name]: set });
    });
    const node = make("label", "stage-knob", { title: knob.hint || "" }, make("span", "", { textContent: knob.label }), input);
    if (range) node.append(value);
    controls[knob.name] = { node, input, value };
    knobRow.append(node);
  }
  for (const preset of scene.presets)
    presetRow.append(button("preset", preset.label, preset.label, () => { go(0); send(preset.values); setPlaying(!calm.matches); }));
  for (const { name, label } of scene.points)
    view.append(handles[name] = make("button", "stage-point",
      { type: "button", "aria-label": `${label}: drag it, or use the arrow keys` }));

  // Talking with Python
  function send(values) {
    if (now === 0 && !playing && !("dark" in values)) go(scene.steps);     // at step 0 there is nothing to see
    seq += 1;
    for (const [name, value] of Object.entries(values)) pending[name] = { value, seq };
    const news = Object.fromEntries(Object.entries(pending).map(([name, { value }]) => [name, value]));
    model.set("moved", { ...news, dark: pageIsDark(), seq });
    model.save_changes();
    waiting ||= setTimeout(() => say("Python does not answer: run this cell again. Play and scrub still work."), PATIENCE);
  }
  function say(words) { message.textContent = words; message.hidden = !words; }

  function showKnob(knob, value) {
    const { input, value: output } = controls[knob.name];
    if (knob.type === "button") { clicks[knob.name] = Math.max(clicks[knob.name], value); return; }
    if (knob.type !== "range") { input.value = value; return; }
    const words = `${Number(Number(value).toPrecision(4))}${knob.unit}`;
    if (valueAt(knob, Number(input.value)) !== value) input.value = tickAt(knob, value);
    output.value = words;
    input.setAttribute("aria-valuetext", words);
  }
  function receive() {
    const atEnd = now >= scene.steps && now > 0;
    scene = model.get("scene");
    clearTimeout(waiting); waiting = 0; seq = Math.max(seq, scene.seq);
    for (const name of Object.keys(pending)) if (pending[name].seq <= scene.seq) delete pending[name];
    const bytes = model.get("data"), block = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
    floats = new Float32Array(block.buffer);
    let offset = 0;
    for (const track of scene.tracks) { track.offset = offset; offset += 2 * track.frames * track.perFrame; }
    const png = model.get("backdrop");
    if (png !== picture) {
      picture = png;
      const old = img.src;
      img.src = URL.createObjectURL(new Blob([png], { type: "image/png" }));
      if (old) img.decode().catch(() => {}).then(() => URL.revokeObjectURL(old));
    }
    img.alt = scene.alt;
    view.style.aspectRatio = `${scene.width} / ${scene.height}`;
    root.style.setProperty("--ratio", scene.width / scene.height);
    root.dataset.rev = model.get("rev");
    for (const knob of scene.knobs) controls[knob.name].node.hidden = !knob.shown;
    for (const knob of scene.knobs) if (!(knob.name in pending)) showKnob(knob, knob.value);
    for (const point of scene.points) if (!(point.name in pending)) showPoint(point, point.at);
    say(scene.error);
    scrub.max = scene.steps;
    go(atEnd ? scene.steps : Math.min(now, scene.steps), playing);
  }

  // Time
  function go(step, keepPlaying = false) {
    if (!keepPlaying) setPlaying(false);
    now = Math.max(0, Math.min(step, scene.steps));
    draw();
  }
  function setPlaying(start) {
    if (start === playing) return;
    if (start && now >= scene.steps) now = 0;
    playing = start; before = 0;
    root.dataset.state = playing ? "playing" : "paused";
    playButton.textContent = playing ? "Pause" : "Play";
    playButton.ariaLabel = playing ? "pause" : "play";
    if (!playing) spoken.textContent = `step ${Math.floor(now)}. ` + scene.legend.map((row) => `${row.name}: ${noteNow(row)}`).join(". ");
    draw();
  }
  const noteNow = (row) => row.notes[Math.min(Math.floor(now), row.notes.length - 1)];
  function tick(time) {
    frame = 0;
    if (playing) {
      now += before ? ((time - before) / 1000) * scene.rate * speed : 0;
      before = time;
      if (now >= scene.steps) { now = scene.steps; setPlaying(false); }
    }
    paint();
    if (playing) draw();
  }
  function draw() { frame ||= requestAnimationFrame(tick); }

  // Pixels
  function paint() {
    const dense = devicePixelRatio || 1, W = view.clientWidth, H = view.clientHeight;
    if (!W) return;
    if (canvas.width !== Math.round(W * dense)) { canvas.width = Math.round(W * dense); canvas.height = Math.round(H * dense); }
    g.setTransform(dense, 0, 0, dense, 0, 0);
    g.clearRect(0, 0, W, H);
    const shown = calm.matches ? Math.floor(now) : now;
    for (const track of scene.tracks) {
      if (hidden.has(track.group)) continue;
      const box = scene.axes[track.ax], [x0, y0] = place(box, 0, 1, W, H), zoom = W / scene.width;
      g.save();
      if (track.kind !== "text") { g.beginPath(); g.rect(x0, y0, box[2] * W, box[3] * H); g.clip(); }
      const at = (i, j) => {
        const k = track.offset + 2 * (i * track.perFrame + j);
        return place(box, floats[k], floats[k + 1], W, H);
      };
      const head = drawTrack(g, track, at, shown, zoom);
      g.restore();                             // the frame cuts the line, and does not halve its head
      if (head && locate(box, ...head, W, H).every(within)) drawMarker(g, head, track, zoom);
    }
    const step = Math.floor(now);
    root.dataset.step = step;
    if (document.activeElement !== scrub || Math.floor(scrub.value) !== step) scrub.value = step;
    scrub.setAttribute("aria-valuetext", `step ${step} of ${scene.steps}`);
    count.value = `step ${step} / ${scene.steps}`;
    for (const row of scene.legend) legend[row.name].textContent = noteNow(row);
  }

  // Points on the picture
  function showPoint(point, [u, v]) {
    const [x, y] = place(scene.axes[point.ax], u, v, 100, 100);
    Object.assign(handles[point.name].style, { left: `${x}%`, top: `${y}%` });
    point.at = [u, v];
  }
  function movePoint(point, at) {
    const inside = at.map((f) => Math.max(0, Math.min(1, f)));
    showPoint(point, inside);
    send({ [point.name]: inside });
  }
  let dragged = null;
  const underPointer = (event) => {
    const { left, top, width, height } = view.getBoundingClientRect();
    return (point) => locate(scene.axes[point.ax], event.clientX - left, event.clientY - top, width, height);
  };
  on(view, "pointerdown", (event) => {
    if (event.button) return;
    const at = underPointer(event), isIn = (point) => at(point).every(within);
    const far = (point) => Math.hypot(at(point)[0] - point.at[0], at(point)[1] - point.at[1]);
    const point = scene.points.filter(isIn).sort((a, b) => far(a) - far(b))[0];
    dragged = point?.name;
    if (!dragged) return;
    view.setPointerCapture(event.pointerId);
    handles[dragged].focus({ preventScroll: true });
    event.preventDefault();
    movePoint(point, at(point));
  });
  on(view, "pointermove", (event) => {
    const point = scene.points.find((p) => p.name === dragged);
    if (point) movePoint(point, underPointer(event)(point));
  });
  for (const type of ["pointerup", "pointercancel"]) on(view, type, () => { dragged = null; });

  // Keyboard: nothing that is typed here reaches the notebook, but Ctrl + S and Shift + Enter and their like
  const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const TRAVEL = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
  on(root, "keydown", (event) => {
    const { target, key } = event, point = scene.points.find((p) => handles[p.name] === target);
    if (event.ctrlKey || event.metaKey || event.altKey || (key === "Enter" && event.shiftKey)) return;
    event.stopPropagation();
    if (point && NUDGE[key]) movePoint(point, point.at.map((f, i) => f + NUDGE[key][i] * (event.shiftKey ? 0.05 : 0.01)));
    else if (target.tagName === "SELECT" || (target.tagName === "INPUT" && target !== scrub)) return;
    else if (key === " " && (target.tagName !== "BUTTON" || point)) setPlaying(!playing);
    else if (key in TRAVEL) go(Math.round(now) + TRAVEL[key]);
    else return;
    event.preventDefault();
  });
  on(scrub, "input", () => go(Number(scrub.value)));
  on(pace, "change", () => { speed = Number(pace.value); });
  on(calm, "change", draw);

  let dark = false;                            // what Python has drawn for
  const followTheme = () => { if (pageIsDark() !== dark) { dark = !dark; send({ dark }); } };
  const sizes = new ResizeObserver(draw), themes = new MutationObserver(followTheme);
  sizes.observe(view);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  model.on("change:rev", receive);
  root.dataset.state = "paused";
  receive();
  followTheme();

  return () => {
    ended.abort(); sizes.disconnect(); themes.disconnect(); model.off("change:rev", receive);
    cancelAnimationFrame(frame); clearTimeout(waiting);
    URL.revokeObjectURL(img.src);
    canvas.width = canvas.height = 0;
    root.remove();
  };
}

export default { render };
