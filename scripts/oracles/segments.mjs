// Makes tests/texts/segments_oracle.json: what Twilio's own calculator says of some 2,000 texts.
//   npm install sms-segments-calculator@1.3.0 && node segments.mjs > segments_oracle.json
// Each row is [pieces, encoding, units, segments]; a piece is a string, or [string, times] for a run of it.
// The calculator keeps grapheme clusters whole, Twilio's carriers do not, so no row has ZWJ, combining marks, flags or CRLF.
import calculator from 'sms-segments-calculator';

let state = 20261123;  // mulberry32 with a fixed seed: the same table every time
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const pick = (list) => list[below(list.length)];

const plain = [...'abc XYZ 0123456789 åäöÅÄÖ éèñßÇ @£$ \n.,?!:'];
const extended = [...'^{}\\[~]|€\f'];
const foreign = [...'áçş`“”’–…→°жλ中'];
const astral = ['😀', '🚑', '𝄞', '🐕'];
const kinds = [[plain], [plain, plain, extended], [plain, plain, foreign], [plain, astral], [foreign, astral], [extended]];

function textOf(pieces) {
  return pieces.map((p) => (Array.isArray(p) ? p[0].repeat(p[1]) : p)).join('');
}

function row(pieces) {
  const message = new calculator.SegmentedMessage(textOf(pieces), 'auto', false);
  const gsm7 = message.encodingName === 'GSM-7';
  const units = gsm7 ? message.numberOfCharacters : textOf(pieces).length;
  return [pieces, gsm7 ? 'gsm7' : 'ucs2', units, message.segmentsCount];
}

const rows = [];
// Every character of the Latin, Greek and punctuation blocks, and every one the calculator has a place for.
for (let code = 0x0a; code <= 0x3c9; code++) {
  const combining = code >= 0x300 && code <= 0x36f;
  if ((code < 0x20 && ![0x0a, 0x0c, 0x0d].includes(code)) || (code >= 0x7f && code <= 0x9f) || code === 0xad || combining) continue;
  rows.push(row([String.fromCharCode(code)]));
}
for (let code = 0x2010; code <= 0x2026; code++) rows.push(row([String.fromCharCode(code)]));
rows.push(row(['€']), row(['']));
// Around each edge: a run, something two units wide, a run.
for (const edge of [159, 160, 161, 152, 153, 154, 305, 306, 307, 459]) {
  for (const wide of ['€', '[]', 'b']) {
    for (const back of [0, 1, 2]) rows.push(row([['a', edge - back], wide, ['a', back]]));
    rows.push(row([['a', 152], wide, ['a', Math.max(0, edge - 153)]]));
  }
}
for (const edge of [69, 70, 71, 66, 67, 68, 133, 134, 135, 201]) {
  for (const wide of ['😀', '😀🚑', 'ж']) {
    for (const back of [0, 1, 2]) rows.push(row([['ж', edge - back], wide, ['a', back]]));
    rows.push(row([['ж', 66], wide, ['ж', Math.max(0, edge - 67)]]));
  }
}
// Mixed texts of up to some 500 units.
while (rows.length < 2000) {
  const kind = pick(kinds);
  const pieces = [];
  for (let n = 1 + below(12); n > 0; n--) {
    const letter = pick(pick(kind));
    pieces.push(random() < 0.6 ? [letter, 1 + below(60)] : Array.from({ length: 1 + below(12) }, () => pick(pick(kind))).join(''));
  }
  if (!/\r\n/.test(textOf(pieces))) rows.push(row(pieces));
}
process.stdout.write('[\n' + rows.map((r) => JSON.stringify(r)).join(',\n') + '\n]\n');
