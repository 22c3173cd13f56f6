// The dispatcher's desk: what is on the page is started here, in the order in which it is needed.
import * as actions from "./actions.js";
import * as alarms from "./alarms.js";
import * as board from "./board.js";
import * as command from "./command.js";
import * as degraded from "./degraded.js";
import { $ } from "./dom.js";
import * as incident from "./incident.js";
import * as keys from "./keys.js";
import * as people from "./people.js";
import * as raise from "./raise.js";
import * as status from "./status.js";
import * as town from "./town.js";

const desk = $("#desk");
const writable = desk.dataset.writable === "true";

board.start((id) => incident.open(id));
incident.start();
people.start(writable ? actions.takeOff : null);
alarms.start();
degraded.start();
actions.start();
keys.start();
if (writable) {
  raise.start(town.pick);
  command.start();
  $("#new").addEventListener("click", () => raise.open());
  $("#try-drill").addEventListener("click", () => raise.open({ drill: true }));
}
$(".back").addEventListener("click", () => {
  desk.dataset.view = "board";
  board.focus();
});

await status.start();
document.documentElement.dataset.ready = "true";
if (location.hash.length > 1) incident.open(decodeURIComponent(location.hash.slice(1)), false);
await town.start();
