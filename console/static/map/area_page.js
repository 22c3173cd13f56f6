// The service-area page: what is saved and what is being looked at on the map, and drawing that fills in the form.

import { makeMap } from "./map.js";

function given(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

const place = document.getElementById("map");
const tools = document.getElementById("drawing-tools");
const form = document.getElementById("area-form");

function offerDrawing(map, words) {
  const button = document.getElementById("draw");
  const how = document.getElementById("how");
  let giveUp = null;
  button.addEventListener("click", () => {
    if (giveUp) {
      giveUp();
      return;
    }
    button.textContent = words.give_up;
    how.textContent = words.how;
    giveUp = map.drawArea((polygon) => {
      giveUp = null;
      button.textContent = words.draw;
      how.textContent = polygon ? words.done : words.given_up;
      if (!polygon) return;
      form.elements.polygon.value = JSON.stringify(polygon);
      form.elements.file.value = "";
      map.showDrawn(polygon);
      form.querySelector("[value=look]").focus();
    });
  });
  tools.hidden = false;
}

async function start() {
  const data = given("area-data");
  const map = await makeMap(place, { bounds: data.bounds });
  if (!map) {
    place.hidden = true;
    document.getElementById("no-map").hidden = false;
    return;
  }
  map.setArea(data.zones);
  map.showDrawn(data.looked_at);
  if (tools) offerDrawing(map, given("area-words"));
}

start();
