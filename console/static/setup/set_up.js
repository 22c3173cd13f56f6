/* A country with one time zone brings it along; what somebody chose by hand is left alone. */
const zones = JSON.parse(document.getElementById("zones-of").textContent);
const region = document.getElementById("default_region");
const zone = document.getElementById("time_zone");

if (region && zone && zone.tagName === "SELECT") {
  let chosenByHand = false;
  zone.addEventListener("change", () => { chosenByHand = true; });
  region.addEventListener("change", () => {
    if (!chosenByHand) zone.value = zones[region.value] ?? "";
  });
}

document.getElementById("summary")?.focus();
