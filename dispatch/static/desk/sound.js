// The alarm: two tones made by the browser itself, again and again until somebody acknowledges or mutes each alarm.
import { $, text } from "./dom.js";
import { whenStill } from "../press.js";
import { say } from "./words.js";

const AGAIN_MS = 4000;
const TONES = [[0, 880], [0.22, 660], [0.44, 880]];
let context = null;
let timer = 0;
let wanted = false;
let muted = 0;
const button = $("#sound");

/** Start: the first press anywhere arms the sound, for browsers play nothing before it. */
export function start() {
  context = globalThis.AudioContext ? new AudioContext() : null;
  if (!context) return;
  context.addEventListener("statechange", () => whenStill(draw));
  for (const gesture of ["pointerup", "keydown"]) document.addEventListener(gesture, arm, { capture: true });
  button.addEventListener("click", async () => {
    await arm();
    play();
    text(button, say("sound_test"));
    setTimeout(draw, 3000);
  });
  draw();
}

async function arm() {
  if (context.state === "suspended") await context.resume().catch(() => {});
  draw();
}

/** Sound until told otherwise; `quiet` is how many alarms are muted. */
export function want(on, quiet) {
  muted = quiet;
  if (on && !wanted) {
    play();
    timer = setInterval(play, AGAIN_MS);
  }
  if (!on) clearInterval(timer);
  wanted = on;
  draw();
}

function play() {
  if (context?.state !== "running") return;
  for (const [after, pitch] of TONES) tone(context.currentTime + after, pitch);
}

function tone(at, pitch) {
  const source = new OscillatorNode(context, { type: "triangle", frequency: pitch });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.35, at + 0.02);
  volume.gain.linearRampToValueAtTime(0, at + 0.2);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + 0.22);
}

function draw() {
  const armed = context?.state === "running";
  button.dataset.sound = !armed ? "off" : wanted ? "sounding" : "on";
  text(button, !armed ? say("sound_off") : muted ? say("sound_muted", { n: muted }) : say(wanted ? "sound_now" : "sound_on"));
}
