// What Stage draws with: arithmetic between data, pixels and sliders, and one function that draws a track.
// stage.js follows in the same module; stage.py joins the two.

const TICKS = 400;

// Fractions of an axes box [left, bottom, width, height] -> pixels of a W x H picture, y down; and back.
export const place = ([left, bottom, width, height], u, v, W, H) =>
  [(left + u * width) * W, (1 - bottom - v * height) * H];
export const locate = ([left, bottom, width, height], x, y, W, H) =>
  [(x / W - left) / width, (1 - y / H - bottom) / height];

// A knob's value <-> its slider's tick, from 0 on; a value is rounded to what its label shows.
export function valueAt({ low, high, log, whole, ticks = TICKS }, tick) {
  const f = tick / ticks, value = log ? low * (high / low) ** f : low + f * (high - low);
  return whole ? Math.round(value) : Math.min(high, Math.max(low, Number(value.toPrecision(3))));
}
export const tickAt = ({ low, high, log, ticks = TICKS }, value) =>
  Math.round(ticks * (log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low)));

const polygon = (n, turn, inner = 1) => [...Array(n).keys()].map((i) => {
  const a = turn + (2 * Math.PI * i) / n, r = i % 2 ? inner : 1;
  return [r * Math.cos(a), -r * Math.sin(a)];
});
const UP = Math.PI / 2, MARKERS = {
  o: polygon(24, 0), s: polygon(4, UP / 2), D: polygon(4, UP), "^": polygon(3, UP), v: polygon(3, -UP),
  P: polygon(8, UP, 0.4), X: polygon(8, UP / 2, 0.4), "*": polygon(10, UP, 0.45),
};

const within = (f) => f > -1e-6 && f < 1 + 1e-6;

function outline(g, points, close) {
  g.beginPath();
  let down = false;
  for (const [x, y] of points) {
    if (Number.isNaN(x) || Number.isNaN(y)) { down = false; continue; }
    if (down) g.lineTo(x, y); else g.moveTo(x, y);
    down = true;
  }
  if (close) g.closePath();
}

function drawMarker(g, [x, y], track, zoom) {
  if (Number.isNaN(x) || Number.isNaN(y)) return;
  const size = (track.size / 2) * 1.33 * zoom;
  outline(g, (MARKERS[track.marker] || MARKERS.o).map(([a, b]) => [x + a * size, y + b * size]), true);
  g.setLineDash([]);
  g.fillStyle = track.color; g.fill();
  g.strokeStyle = "white"; g.lineWidth = size / 4; g.stroke();
}

// Draw one track as it stands at step `now` (a number; a path is cut between two steps). Returns a path's head.
function drawTrack(g, track, at, now, zoom) {
  const step = Math.min(Math.floor(now), track.frames - 1), part = Math.min(now, track.frames - 1) - step;
  const width = track.width * zoom;
  g.strokeStyle = g.fillStyle = track.color;
  g.lineWidth = width; g.lineJoin = "round"; g.lineCap = track.dash.length || track.whole ? "butt" : "round";
  g.setLineDash(track.dash.map((d) => d * width));
  if (track.kind === "path") {
    const last = track.whole ? track.frames - 1 : step, points = [];
    for (let i = 0; i <= last; i++) points.push(at(i, 0));
    if (!track.whole && part > 0) {
      const [x, y] = at(step, 0), [nx, ny] = at(step + 1, 0);
      if (!Number.isNaN(nx + ny)) points.push([x + part * (nx - x), y + part * (ny - y)]);
    }
    outline(g, points); g.stroke();
    if (track.head) return points.at(-1);
  } else if (track.kind === "curve") {
    outline(g, [...Array(track.perFrame).keys()].map((j) => at(step, j)), track.fill);
    if (!track.fill) g.stroke();
    else { g.globalAlpha = 0.25; g.fill(); g.globalAlpha = 1; }
  } else if (track.kind === "marker") drawMarker(g, at(step, 0), track, zoom);
  else if (track.kind === "arrow") {
    const [x, y] = at(step, 0), [tx, ty] = at(step, 1), turn = Math.atan2(ty - y, tx - x), tip = 4 * width;
    outline(g, [[x, y], [tx, ty]]); g.stroke();
    const barb = (a) => [tx - tip * Math.cos(turn + a), ty - tip * Math.sin(turn + a)];
    outline(g, [[tx, ty], barb(0.45), barb(-0.45)], true);
    if (Math.hypot(tx - x, ty - y) > 1) g.fill();
  } else if (track.kind === "text") {
    g.font = `${track.size * 1.39 * zoom}px sans-serif`; g.textBaseline = "middle";
    const [x, y] = at(step, 0), words = track.words[Math.min(Math.floor(now), track.words.length - 1)];
    if (!words || Number.isNaN(x + y)) return;
    if (pageIsDark()) g.fillStyle = `color-mix(in srgb, ${track.color}, white 45%)`;
    g.setLineDash([]); g.lineWidth = 4 * zoom; g.strokeStyle = pageIsDark() ? "#191919" : "white";
    g.strokeText(words, x, y);                 // a halo, for words that lie on contours
    g.fillText(words, x, y);
  } else {
    const [x, y] = at(step, 0), [ax, ay] = at(step, 1), [bx, by] = track.kind === "ellipse" ? at(step, 2) : [];
    outline(g, track.kind === "box" ? [[x, y], [ax, y], [ax, ay], [x, ay]]
      : polygon(72, 0).map(([c, s]) => [x + c * (ax - x) + s * (bx - x), y + c * (ay - y) + s * (by - y)]), true);
    g.stroke();
    if (track.fill) { g.globalAlpha = 0.25; g.fill(); g.globalAlpha = 1; }
  }
}

// A legend's sample, 88 x 28 pixels: a piece of the line and its marker.
function drawSample(canvas, row) {
  const g = canvas.getContext("2d"), look = { ...row, kind: "path", frames: 2, width: 2.2, size: 9 };
  drawTrack(g, look, (i) => [[4, 14], [66, 14]][i], 1, 2);
  drawMarker(g, [66, 14], look, 2);
}

function make(tag, className, options = {}, ...children) {
  const node = Object.assign(document.createElement(tag), { className });
  for (const [key, value] of Object.entries(options))
    if (key in node) node[key] = value; else node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Say something else in a node. A node that comes or goes has the browser match a page's rules with `:has` again, which
// takes 4 ms in a lesson; a text that only changes does not.
function write(node, words) {
  if (node.firstChild) node.firstChild.data = words; else node.textContent = words;
}

const pageIsDark = () => document.body.dataset.jpThemeLight === "false" || document.body.classList.contains("vscode-dark");
