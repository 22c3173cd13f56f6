// What raising would do: how many are asked, how soon, how far, the very text; held dangers loudly; the same one, if it is open.
import { post } from "./api.js";
import { $, el, keyed, show, text } from "./dom.js";
import { distance, list, minutes, say } from "./words.js";
import { hazardNames } from "./standing.js";

const WAIT_MS = 150;

/** The preview inside `form`; `openOne(id)` opens an incident that may be the same one. */
export function makePreview(form, openOne) {
  const box = $(".preview", form);
  let timer = 0;
  let asking = null;
  let asked = "";

  function ask(body) {
    const question = body && JSON.stringify(body);
    if (question === asked) return;
    asked = question;
    clearTimeout(timer);
    asking?.abort();
    if (!body) {
      clear();
      return;
    }
    timer = setTimeout(() => look(body), WAIT_MS);
  }

  async function look(body) {
    const mine = (asking = new AbortController());
    try {
      const { caller_phone: _phone, access_notes: _notes, ...question } = body;
      draw(await post("/preview", question, mine.signal));
    } catch (error) {
      if (!mine.signal.aborted) fail(error.message);
    }
  }

  function clear() {
    show(box, false);
    show($(".same", form), false);
    button(say("raise"));
  }

  function fail(words) {
    show(box, true);
    loud(words);
    text($(".who", box), "");
    $(".beside", box).replaceChildren();
    show($(".text", box), false);
    text($(".size", box), "");
    button(say("raise"));
  }

  function draw(seen) {
    drawSame(seen.same_one ?? []);
    if (seen.problem) {
      fail(seen.problem);
      return;
    }
    show(box, true);
    const held = seen.held.length > 0;
    const beside = Object.entries(seen.by_only_role);
    loud(held ? say("held_loud", { hazards: hazardNames(seen.held) }) : seen.asked ? "" : say(beside.length ? "ask_no_help" : "ask_nobody"));
    text($(".who", box), seen.asked ? who(seen) : "");
    keyed($(".beside", box), beside, ([role]) => role, () => el("li"), (row, [role, n]) => text(row, say(`ask_only.${role}`, { n })));
    text($(".text", box), seen.text);
    show($(".text", box), seen.text);
    text($(".size", box), seen.text ? say("segments", { n: seen.segments }) : "");
    const all = beside.reduce((sum, [, n]) => sum + n, seen.asked);
    button(held ? say("raise_held") : all ? say("raise_n", { n: all }) : say("raise"));
  }

  function loud(words) {
    text($(".loud", box), words);
    show($(".loud", box), words);
  }

  function button(words) {
    const go = $(".go", form);
    if (go.dataset.words === words) return;
    go.dataset.words = words;
    go.replaceChildren(`${words} `, el("span", { class: "chord" }, el("kbd", { text: "Ctrl" }), "+", el("kbd", { text: "Enter" })));
  }

  function drawSame(found) {
    const same = $(".same", form);
    show(same, found.length > 0);
    keyed($("ul", same), found, (one) => one.id, (one) => el("li", {}, el("span"), " ", el("button", { type: "button", class: "plain", text: say("open_it", { code: one.code }), on: { click: () => openOne(one.id) } })),
      (row, one) => text(row.firstChild, say(one.drill ? "same_one_drill" : "same_one", { ...one, address: one.address ?? "", type: one.type_name, distance: distance(one.distance_m) })));
  }

  clear();
  return { ask };
}

function who(seen) {
  const first = seen.wanted && seen.asked < seen.wanted ? say("ask_fewer", seen) : say("ask_n", { n: seen.asked });
  const ways = Object.entries(seen.by_transport ?? {}).filter(([, n]) => n).map(([way, n]) => say(`ways.${way}`, { n }, `${n} ${way.replaceAll("_", " ")}`)).join(", ");
  return `${first} ${list([seen.soonest_s !== null && say("ask_soonest", { age: minutes(seen.soonest_s) }), seen.farthest_m !== null && say("ask_farthest", { distance: distance(seen.farthest_m) }), ways])}`;
}
