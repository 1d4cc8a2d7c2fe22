/**
 * Lantern Moth: a moth catches sparks and keeps out of the rain. Plain canvas, one frame loop.
 *
 * For Reprieve it matters how the game makes room: it pauses while the customer types a card
 * number, and it never takes a key press that was meant for the widget.
 */
const STEP_S_MAX = 0.05;
const SPEED = 260;
const DASH_SPEED = 620;
const DASH_S = 0.22;
const SPARKS_MAX = 14;
const DROPS_MAX = 10;
const STARS = 70;
const KEYS = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", " "]);

const canvas = document.querySelector(".sky");
const paint = canvas.getContext("2d");
const widget = document.querySelector("reprieve-widget");
const pauseButton = document.querySelector(".hud-pause");
const scoreOutput = document.querySelector(".hud-score");
const bestOutput = document.querySelector(".hud-best");

const held = new Set();
const touch = { x: null, y: null };
const size = { width: 960, height: 540 };
const moth = { x: 480, y: 300, angle: 0, dash_s: 0, hurt_s: 0 };
const sparks = [];
const drops = [];
const stars = Array.from({ length: STARS }, () => [Math.random(), Math.random(), Math.random()]);
const game = { score: 0, best: 0, time_s: 0, last_ms: null, paused: false, pausedByWidget: false };

function resize() {
  const box = canvas.getBoundingClientRect();
  const ratio = Math.min(window.devicePixelRatio, 2);
  size.width = Math.max(box.width, 1);
  size.height = Math.max(box.height, 1);
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  paint.setTransform(ratio, 0, 0, ratio, 0, 0);
  moth.x = Math.min(moth.x, size.width);
  moth.y = Math.min(moth.y, size.height);
}

function spawn(list, max, perSecond, step_s, make) {
  if (list.length < max && Math.random() < perSecond * step_s) list.push(make());
}

const newSpark = () => ({
  x: Math.random() * size.width,
  y: -20,
  speed: 40 + Math.random() * 50,
  phase: Math.random() * 6.3,
});

const newDrop = () => ({ x: Math.random() * size.width, y: -30, speed: 190 + Math.random() * 120 });

function steer(step_s) {
  const right = touch.x ?? Number(held.has("ArrowRight")) - Number(held.has("ArrowLeft"));
  const down = touch.y ?? Number(held.has("ArrowDown")) - Number(held.has("ArrowUp"));
  const length = Math.max(1, Math.hypot(right, down));
  moth.dash_s = Math.max(0, moth.dash_s - step_s);
  const pace = (moth.dash_s > 0 ? DASH_SPEED : SPEED) * step_s;
  moth.x = Math.min(size.width - 20, Math.max(20, moth.x + (right / length) * pace));
  moth.y = Math.min(size.height - 20, Math.max(20, moth.y + (down / length) * pace));
  moth.angle += ((right / length) * 0.35 - moth.angle) * Math.min(1, step_s * 10);
}

function near(thing, reach) {
  return Math.hypot(thing.x - moth.x, thing.y - moth.y) < reach;
}

function advance(step_s) {
  game.time_s += step_s;
  moth.hurt_s = Math.max(0, moth.hurt_s - step_s);
  steer(step_s);
  spawn(sparks, SPARKS_MAX, 2.2, step_s, newSpark);
  spawn(drops, DROPS_MAX, 1.2, step_s, newDrop);
  for (const spark of sparks) {
    spark.y += spark.speed * step_s;
    spark.x += Math.sin(game.time_s * 2 + spark.phase) * 30 * step_s;
    if (near(spark, 34)) {
      spark.y = Infinity;
      game.score += 1;
    }
  }
  for (const drop of drops) {
    drop.y += drop.speed * step_s;
    if (near(drop, 24) && moth.hurt_s === 0) {
      moth.hurt_s = 1.2;
      game.score = Math.max(0, game.score - 3);
    }
  }
  keepVisible(sparks);
  keepVisible(drops);
  game.best = Math.max(game.best, game.score);
}

function keepVisible(list) {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    if (list[at].y > size.height + 30) list.splice(at, 1);
  }
}

function glow(x, y, radius, colour) {
  const light = paint.createRadialGradient(x, y, 0, x, y, radius);
  light.addColorStop(0, colour);
  light.addColorStop(1, "transparent");
  paint.fillStyle = light;
  paint.fillRect(x - radius, y - radius, radius * 2, radius * 2);
}

function drawSky() {
  const sky = paint.createLinearGradient(0, 0, 0, size.height);
  sky.addColorStop(0, "#0d1230");
  sky.addColorStop(0.7, "#27265c");
  sky.addColorStop(1, "#4a3565");
  paint.fillStyle = sky;
  paint.fillRect(0, 0, size.width, size.height);
  for (const [x, y, phase] of stars) {
    paint.globalAlpha = 0.35 + 0.35 * Math.sin(game.time_s + phase * 6.3);
    paint.fillStyle = "#f3ecd8";
    paint.fillRect(x * size.width, y * size.height * 0.8, 1.6, 1.6);
  }
  paint.globalAlpha = 1;
  glow(size.width * 0.82, size.height * 0.24, 120, "rgb(255 236 190 / 35%)");
  disc(size.width * 0.82, size.height * 0.24, 30, "#ffeec4");
  hill(0.86, 60, 0.5, "#1d1d48");
  hill(0.93, 34, 2.4, "#14153a");
}

function hill(level, swing, phase, colour) {
  paint.fillStyle = colour;
  paint.beginPath();
  paint.moveTo(0, size.height);
  for (let x = 0; x <= size.width + 24; x += 24) {
    paint.lineTo(x, size.height * level + Math.sin(x / 170 + phase) * swing * 0.5);
  }
  paint.lineTo(size.width, size.height);
  paint.fill();
}

function disc(x, y, radius, colour) {
  paint.fillStyle = colour;
  paint.beginPath();
  paint.arc(x, y, radius, 0, Math.PI * 2);
  paint.fill();
}

function drawMoth() {
  const flap = Math.sin(game.time_s * (moth.dash_s > 0 ? 34 : 16)) * 0.35 + 0.75;
  glow(moth.x, moth.y, 90, moth.hurt_s > 0 ? "rgb(120 140 255 / 45%)" : "rgb(255 205 110 / 50%)");
  paint.save();
  paint.translate(moth.x, moth.y);
  paint.rotate(moth.angle);
  paint.fillStyle = "#e8d9b8";
  for (const side of [-1, 1]) {
    paint.beginPath();
    paint.ellipse(side * 13 * flap, -4, 13 * flap, 10, side * 0.5, 0, Math.PI * 2);
    paint.ellipse(side * 9 * flap, 8, 9 * flap, 7, -side * 0.4, 0, Math.PI * 2);
    paint.fill();
  }
  paint.fillStyle = "#6b4b2a";
  paint.beginPath();
  paint.ellipse(0, 2, 4, 12, 0, 0, Math.PI * 2);
  paint.fill();
  paint.restore();
}

function draw() {
  drawSky();
  for (const spark of sparks) {
    if (!Number.isFinite(spark.y)) continue;
    glow(spark.x, spark.y, 22, "rgb(255 217 138 / 80%)");
    disc(spark.x, spark.y, 3.5, "#fff3d0");
  }
  paint.strokeStyle = "#8fa8ff";
  paint.lineWidth = 3;
  paint.lineCap = "round";
  paint.beginPath();
  for (const drop of drops) {
    paint.moveTo(drop.x, drop.y);
    paint.lineTo(drop.x - 3, drop.y - 16);
  }
  paint.stroke();
  drawMoth();
}

function frame(now_ms) {
  const step_s = Math.min(STEP_S_MAX, (now_ms - (game.last_ms ?? now_ms)) / 1000);
  game.last_ms = now_ms;
  if (!game.paused) {
    advance(step_s);
    scoreOutput.value = String(game.score);
    bestOutput.value = String(game.best);
  }
  draw();
  requestAnimationFrame(frame);
}

function setPaused(paused) {
  game.paused = paused;
  pauseButton.setAttribute("aria-pressed", String(paused));
}

/** A key belongs to the game only when no control, and nothing in the widget, has the focus. */
function isForGame(event) {
  const from = event.composedPath();
  return !from.some((node) => node === widget || node.matches?.("button, select, input, a"));
}

/** A finger or the held mouse draws the moth towards it; `null` leaves the keys in charge. */
function pointAt(event) {
  const away = event.buttons === 0 || event.type === "pointerup";
  touch.x = away ? null : (event.offsetX - moth.x) / 60;
  touch.y = away ? null : (event.offsetY - moth.y) / 60;
}

for (const kind of ["pointerdown", "pointermove", "pointerup", "pointerleave", "pointercancel"]) {
  canvas.addEventListener(kind, pointAt);
}
window.addEventListener("keydown", (event) => {
  if (!KEYS.has(event.key) || !isForGame(event)) return;
  event.preventDefault();
  held.add(event.key);
  if (event.key === " " && !event.repeat) moth.dash_s = DASH_S;
});
window.addEventListener("keyup", (event) => held.delete(event.key));
window.addEventListener("blur", () => held.clear());
window.addEventListener("resize", resize);
pauseButton.addEventListener("click", () => setPaused(!game.paused));

/** Screens on which the customer reads or types; the game waits behind them. */
const BUSY_SCREENS = new Set(["update", "confirm", "pending"]);

function goOn() {
  if (game.pausedByWidget) setPaused(false);
  game.pausedByWidget = false;
}

document.addEventListener("reprieve:shown", (event) => {
  if (BUSY_SCREENS.has(event.detail.screen) && !game.paused) {
    game.pausedByWidget = true;
    setPaused(true);
  } else if (event.detail.screen === "banner") goOn();
});
for (const done of ["reprieve:recovered", "reprieve:dismissed"]) {
  document.addEventListener(done, goOn);
}

resize();
moth.x = size.width / 2;
// Whoever asked the system for less motion starts the game themselves.
setPaused(matchMedia("(prefers-reduced-motion: reduce)").matches);
requestAnimationFrame(frame);
