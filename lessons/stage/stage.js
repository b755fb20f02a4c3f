// Plays the tracks of a Stage over its backdrop. Python owns every number; the browser draws, by draw.js.
// Wire: `scene` (what there is), `data` (float32 fractions of the axes, track after track), `backdrop` (PNG).
// The browser writes one trait, `moved`: which knobs and points the reader has set since Python last answered.
// Messages to Python: {seen} (record now), {stop}, {news}; the answer to the last is {computing: seconds}.
//
// Recordings. `recording` is {knob: {seq, block}}: what the picture is at each position of a slider, while the other
// knobs stay as they were when message `seq` came. block: deflated bytes, which are the length of a head (uint32, little
// endian), the head (JSON), the data of the positions in their order, and PNGs. head: {takes: [[scene, bytes of data, number
// of its PNG or -1 for the Stage's own backdrop] or null, ...], pictures: [bytes, ...]}. While such a knob moves, the
// browser shows the takes, sends nothing, and tells Python where the knob has come to rest.

const SPEEDS = [0.25, 0.5, 1, 2, 4], REST = 400, NEWS = 1000, SILENCE = 3500;

async function unpack(block) {
  const stream = new Blob([block]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer(), size = new DataView(bytes).getUint32(0, true);
  const { takes, pictures } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, size)));
  let at = 4 + size;
  const cut = (length) => { at += length; return [bytes, at - length, length]; };
  const data = takes.map((take) => take && cut(take[1]));
  const images = pictures.map((length) => new Uint8Array(...cut(length)));
  return takes.map((take, i) => take && {
    scene: take[0], floats: new Float32Array(bytes, data[i][1], data[i][2] / 4), picture: images[take[2]] });
}

function render({ model, el }) {
  const ended = new AbortController(), calm = matchMedia("(prefers-reduced-motion: reduce)");
  const on = (node, type, act) => node.addEventListener(type, act, { signal: ended.signal });
  let scene = model.get("scene"), floats = new Float32Array(), now = 0, playing = false, speed = 1;
  let before = 0, frame = 0, seq = 0, picture = "", asking = 0, asked = 0, heard = 0, resting = 0, local = null;
  const pending = {}, takes = {}, since = {}, hidden = new Set(), controls = {}, clicks = {}, handles = {}, legend = {};

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
  const words = make("span", "stage-words");
  const spoken = make("div", "stage-spoken", { "aria-live": "polite" });
  const pace = make("select", "stage-speed", { "aria-label": "speed" },
    ...SPEEDS.map((s) => make("option", "", { value: s, textContent: `${s}×`, selected: s === 1 })));
  const bar = make("div", "stage-bar", {}, playButton,
    button("back", "‹", "one step back", () => go(Math.ceil(now) - 1)),
    button("forward", "›", "one step forward", () => go(Math.floor(now) + 1)), scrub, count, pace,
    button("full", "Full screen", "full screen", () =>
      document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()));
  const stopButton = button("stop", "Stop", "stop computing", () => { model.send({ stop: true }); stopButton.disabled = true; });
  message.append(words, stopButton);
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
    const input = range ? make("input", "", { type: "range", min: 0, max: knob.ticks ?? TICKS, step: 1 })
      : make("select", "", {}, ...knob.options.map((o) => make("option", "", { value: o, textContent: o })));
    input.setAttribute("aria-label", knob.label);
    on(input, "input", () => {
      const set = range ? valueAt(knob, Number(input.value)) : input.value;
      showKnob(knob, set);
      const take = range && takes[knob.name]?.[Number(input.value)];
      if (take) rest(knob.name, set, take); else send({ [knob.name]: set });
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
  function note(values) {
    if (now === 0 && !playing && !("dark" in values)) go(scene.steps);     // at step 0 there is nothing to see
    seq += 1;
    for (const [name, value] of Object.entries(values)) pending[name] = { value, seq };
    for (const name of Object.keys({ ...takes, ...model.get("recording") }))
      if (Object.keys(values).some((other) => other !== name)) { delete takes[name]; since[name] = seq; }
  }
  function send(values) {
    note(values);
    flush();
  }
  function flush() {
    clearTimeout(resting); resting = 0;
    const news = Object.fromEntries(Object.entries(pending).map(([name, { value }]) => [name, value]));
    model.set("moved", { ...news, dark: pageIsDark(), seq });
    model.save_changes();
    if (!asking) { asking = setInterval(ask, NEWS); asked = heard = performance.now(); }
  }
  function rest(name, value, take) {           // show what is recorded, and tell Python in the end
    local = { name, take };
    note({ [name]: value });
    show();
    clearTimeout(resting);
    resting = setTimeout(flush, REST);
  }
  function ask() {
    try { model.send({ news: true }); } catch { /* no kernel: nothing will be heard */ }
    if (performance.now() - heard > SILENCE) silent();
  }
  function hear({ computing }) {
    heard = performance.now();
    if (!asking) return;
    say(`Python has been computing for ${Math.max(1, Math.round(computing))} s.`, true);
  }
  function silent() {                          // say what is known of a kernel that does not answer
    const panel = root.closest(".jp-NotebookPanel"), status = panel?.querySelector(".jp-Notebook-ExecutionIndicator")?.dataset.status;
    if (status === "busy") { say("Python is busy with another cell; the picture follows when that has ended."); return; }
    done();
    const recorded = Object.keys(pending).every((name) => name === local?.name);
    for (const name of Object.keys(pending)) if (!recorded) delete pending[name];
    if (recorded) return;                      // what is shown needs no Python
    local = null;
    show();
    say("Python does not answer: no kernel runs, or it was restarted. Run this cell again to turn its knobs, which stand "
      + "where the picture was computed. Play and scrub still work.");
  }
  function done() { clearInterval(asking); asking = 0; }
  function say(text, canStop = false) {
    write(words, text); message.hidden = !text; stopButton.hidden = !canStop;
    if (!canStop) stopButton.disabled = false;
  }

  function showKnob(knob, value) {
    const { input, value: output } = controls[knob.name];
    if (knob.type === "button") { clicks[knob.name] = Math.max(clicks[knob.name], value); return; }
    if (knob.type !== "range") { input.value = value; return; }
    input.max = knob.ticks ?? TICKS;
    const words = `${Number(Number(value).toPrecision(4))}${knob.unit}`;
    if (valueAt(knob, Number(input.value)) !== value) input.value = tickAt(knob, value);
    write(output, words);
    input.setAttribute("aria-valuetext", words);
  }
  function receive() {
    const told = model.get("scene");
    seq = Math.max(seq, told.seq);
    for (const name of Object.keys(pending)) if (pending[name].seq <= told.seq) delete pending[name];
    if (!(local?.name in pending)) local = null;
    if (!Object.keys(pending).length || resting) done();
    root.dataset.rev = model.get("rev");
    show();
  }
  function show() {                            // what Python has sent last, or a position that is recorded
    const atEnd = now >= scene.steps && now > 0, bytes = model.get("data");
    scene = local ? local.take.scene : model.get("scene");
    floats = local ? local.take.floats
      : new Float32Array(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice().buffer);
    let offset = 0;
    for (const track of scene.tracks) { track.offset = offset; offset += 2 * track.frames * track.perFrame; }
    const png = local?.take.picture ?? model.get("backdrop");
    if (png !== picture) {
      picture = png;
      const old = img.src;
      img.src = png.byteLength === undefined ? png : URL.createObjectURL(new Blob([png], { type: "image/png" }));
      if (old.startsWith("blob:")) img.decode().catch(() => {}).then(() => URL.revokeObjectURL(old));
    }
    img.alt = scene.alt;
    view.style.aspectRatio = `${scene.width} / ${scene.height}`;
    root.style.setProperty("--ratio", scene.width / scene.height);
    for (const knob of scene.knobs) controls[knob.name].node.hidden = !knob.shown;
    for (const knob of scene.knobs) if (!(knob.name in pending)) showKnob(knob, knob.value);
    for (const point of scene.points) if (!(point.name in pending)) showPoint(point, point.at);
    const words = [scene.error, scene.notice].filter(Boolean).join("\n");
    if (!asking || words) say(words);
    scrub.max = scene.steps;
    go(atEnd ? scene.steps : Math.min(now, scene.steps), playing);
  }
  async function load() {
    const recording = window.DecompressionStream ? model.get("recording") : {};
    for (const name of Object.keys(takes)) if (!(name in recording)) delete takes[name];
    for (const [name, row] of Object.entries(recording)) {
      if (row.seq < (since[name] ?? 0)) continue;          // another knob has moved since
      const found = await unpack(row.block);
      if (model.get("recording") !== recording) return;    // newer ones are being loaded
      if (row.seq >= (since[name] ?? 0)) takes[name] = found;
    }
    root.dataset.recorded = Object.keys(takes).join(" ");
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
    write(count, `step ${step} / ${scene.steps}`);
    for (const row of scene.legend) write(legend[row.name], noteNow(row));
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
    if (event.button || (event.pointerType === "touch" && !event.target.closest(".stage-point"))) return;
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
  on(view, "click", (event) => {               // a finger's tap; its stroke scrolls the page
    if (event.pointerType !== "touch" || event.target.closest(".stage-point")) return;
    const at = underPointer(event), point = scene.points.find((p) => at(p).every(within));
    if (point) movePoint(point, at(point));
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
  model.on("change:recording", load);
  model.on("msg:custom", hear);
  root.dataset.state = "paused";
  if (model.get("opened")) now = scene.steps;  // a page that is loaded again shows the whole picture
  receive();
  load();
  followTheme();
  const seen = new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting) { seen.disconnect(); model.send({ seen: true }); }
  });
  seen.observe(root);

  return () => {
    ended.abort(); sizes.disconnect(); themes.disconnect(); model.off("change:rev", receive);
    model.off("change:recording", load); model.off("msg:custom", hear); seen.disconnect();
    cancelAnimationFrame(frame); clearTimeout(resting); done();
    URL.revokeObjectURL(img.src);
    canvas.width = canvas.height = 0;
    root.remove();
  };
}

export default { render };
