// The address field: places offered while typing, chosen with arrow keys, never guessed. Coordinates count as a place too.
import { get } from "./api.js";
import { attr, el, show, text } from "./dom.js";
import { say } from "./words.js";

const COORDINATES = /^\s*(-?\d{1,2}(?:\.\d+))\s*[,; ]\s*(-?\d{1,3}(?:\.\d+))\s*$/;
const FROM_LETTERS = 3;
let made = 0;
let inUse = null;

/** Fill `container` with an address field. `onPlace(place)` gets {label, lat, lon} or null whenever that changes. */
export function makeAddress(container, label, hint, onPlace) {
  return new Address(container, label, hint, onPlace);
}

/** Give a place pressed on the map to the field that was typed in last; false where none stands there any more. */
export function give(lat, lon) {
  if (!inUse?.input.isConnected || inUse.input.closest("[hidden]")) return false;
  inUse.set({ label: say("where_map", { lat: lat.toFixed(5), lon: lon.toFixed(5) }), lat, lon, fix: true });
  return true;
}

class Address {
  constructor(container, label, hint, onPlace) {
    const id = `address-${(made += 1)}`;
    this.id = id;
    this.onPlace = onPlace;
    this.place = null;
    this.matches = [];
    this.active = -1;
    this.input = el("input", {
      id, name: "address", role: "combobox", maxlength: 200, autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-describedby": `${id}-hint ${id}-found`,
    });
    this.list = el("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
    this.hint = el("p", { id: `${id}-hint`, class: "hint", text: hint });
    this.found = el("p", { id: `${id}-found`, class: "found", role: "status" });
    container.append(el("label", { for: id, text: label }), el("div", { class: "combo" }, this.input, this.list), this.found, this.hint);
    this.input.addEventListener("focus", () => { inUse = this; });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const at = [...this.list.children].indexOf(event.target.closest("[role=option]"));
      if (at >= 0) this.choose(this.matches[at]);
    });
  }

  get value() {
    return this.input.value.trim();
  }

  /** Why there is no place, as a key of the page's words. */
  get trouble() {
    if (!this.value) return "where";
    return this.matches.length ? "where_pick" : "where_none";
  }

  /** Take a place from elsewhere: the map, an alarm, the command bar. */
  set(place) {
    this.forget();
    this.input.value = place?.label ?? "";
    this.close();
    this.settle(place);
  }

  /** Type for the person: a command brought the words. */
  type(words) {
    this.input.value = words;
    this.typed(0);
  }

  /** Offer these places: the server found several. */
  offer(matches) {
    this.matches = matches;
    this.draw();
    text(this.found, matches.length ? say("where_choose") : say("where_none"));
  }

  /** Whoever waits for the matches of letters that are no longer there waits for nothing. */
  forget() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.release?.();
    this.matches = [];
    this.active = -1;
  }

  typed(delay = 120) {
    this.forget();
    this.settle(null);
    const fix = COORDINATES.exec(this.input.value);
    if (fix) {
      this.close();
      this.settle({ label: this.value, lat: Number(fix[1]), lon: Number(fix[2]), fix: true });
      return;
    }
    if (this.value.length < FROM_LETTERS) {
      this.close();
      return;
    }
    this.coming = new Promise((done) => {
      this.release = done;
      this.timer = setTimeout(() => this.look().then(done), delay);
    });
  }

  async look() {
    const mine = (this.asking = new AbortController());
    const asked = this.value;
    try {
      const { matches } = await get(`/addresses?${new URLSearchParams({ q: asked })}`, mine.signal);
      if (asked !== this.value) return;
      this.matches = matches;
      this.active = exact(asked, matches);
      this.draw();
      text(this.found, matches.length ? say("matches", { n: matches.length }) : say("where_none"));
    } catch (error) {
      if (!mine.signal.aborted) text(this.found, error.message);
    }
  }

  draw() {
    this.list.replaceChildren(...this.matches.map((match, at) => el("li", { id: `${this.id}-${at}`, role: "option", "aria-selected": String(at === this.active), text: match.beside ? say("where_lacks", match) : match.label })));
    const open = this.matches.length > 0;
    show(this.list, open);
    attr(this.input, "aria-expanded", String(open));
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((option, at) => attr(option, "aria-selected", String(at === this.active)));
    attr(this.input, "aria-activedescendant", this.active >= 0 && !this.list.hidden ? `${this.id}-${this.active}` : null);
    if (this.active >= 0) this.list.children[this.active]?.scrollIntoView({ block: "nearest" });
  }

  close() {
    show(this.list, false);
    attr(this.input, "aria-expanded", "false");
    attr(this.input, "aria-activedescendant", null);
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && this.matches.length && !this.place) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!open) this.draw();
      this.active = (this.active + step + this.matches.length) % this.matches.length;
      this.mark();
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !this.place && this.value) {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Tab" && open && this.active >= 0 && !this.place) this.choose(this.matches[this.active]);
  }

  /** Enter before a place is chosen: takes what is marked, or the only one that fits; of several none. */
  async enter() {
    await this.coming;
    if (this.place) return;
    if (this.active >= 0) this.choose(this.matches[this.active]);
    else if (this.matches.length === 1) this.choose(this.matches[0]);
    else if (this.matches.length) this.offer(this.matches);
  }

  /** The place once it is settled; null while none, or several, fit. What is marked is not yet chosen. */
  async settled() {
    await this.coming;
    if (!this.place && this.active >= 0 && !this.list.hidden) this.choose(this.matches[this.active]);
    if (!this.place && this.value) this.offer(this.matches);
    return this.place;
  }

  choose(match) {
    this.input.value = match.label;
    this.close();
    this.settle({ ...match });
  }

  settle(place) {
    this.place = place;
    text(this.found, place ? say(place.beside ? "where_beside" : "where_is", place) : "");
    this.found.classList.toggle("settled", Boolean(place));
    this.onPlace(place);
  }
}

const plain = (words) => words.toLocaleLowerCase().replace(/\s+/g, " ").trim();

/** Which match is just what was typed (a district after it apart), or -1: of "Mannerheimintie 5" and "50" it is the first. A number
 * that the map lacks may be a slip: it is chosen, never taken. */
function exact(asked, matches) {
  const same = matches.map((match, at) => [match.beside ? "" : plain(match.label), at]).filter(([label]) => label === plain(asked) || label.startsWith(`${plain(asked)},`));
  return same.length === 1 ? same[0][1] : -1;
}

/** How a place is told to the server: where it is, and what it is called when it has a name. */
export const told = (place) => ({ location: { lat: place.lat, lon: place.lon }, ...(!place.fix && { address: place.label }) });
