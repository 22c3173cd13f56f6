// The page of cover: the squares on the map, by day or by night.

import { makeMap } from "../map/map.js";

const place = document.getElementById("map");
const hours = document.getElementById("hours");

// Around the squares where enough people are to be counted: somebody far away must not make all others a dot.
function box(features) {
  const counted = features.filter(({ properties }) => properties.by_day !== null || properties.by_night !== null);
  const corners = (counted.length ? counted : features).flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === "Polygon" ? 1 : 2));
  const [lons, lats] = [corners.map(([lon]) => lon), corners.map(([, lat]) => lat)];
  return corners.length ? [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] : undefined;
}

function cover(count, needed) {
  if (count === null) return "few";
  return count >= needed ? "enough" : "below";
}

function at(hour, features) {
  return features.map(({ geometry, properties }) => ({
    type: "Feature", geometry,
    properties: { cover: cover(properties[hour], properties.needed), label: properties[hour] === null ? "" : `${properties[hour]}+` },
  }));
}

function say(id) {
  document.getElementById(id).hidden = false;
}

async function start() {
  const answer = await fetch(place.dataset.squares, { headers: { Accept: "application/json" } });
  const { features } = await answer.json();
  const map = await makeMap(place, { bounds: box(features) });
  if (!map) {
    place.hidden = true;
    document.getElementById("legend").hidden = true;
    say("no-map");
    return;
  }
  const show = () => map.setCover(at(hours.querySelector(":checked").value, features));
  hours.addEventListener("change", show);
  show();
  say("hours");
}

if (place) start();
