"""Every word of the page of phones, in the shipped languages."""

from __future__ import annotations

_WORDS: dict[str, tuple[str, str, str]] = {
    "title": ("Phones", "Telefoner", "Puhelimet"),
    "skip": ("Skip to the conversation", "Hoppa till konversationen", "Siirry keskusteluun"),
    "search": ("Search name or number", "Sök namn eller nummer", "Hae nimellä tai numerolla"),
    "only_texted": ("Only phones with texts", "Bara telefoner med sms", "Vain puhelimet, joissa on viestejä"),
    "autopilot": ("Volunteers answer by themselves", "De frivilliga svarar själva", "Vapaaehtoiset vastaavat itse"),
    "autopilot_off": ("no", "nej", "ei"),
    "autopilot_human": ("yes, at human pace", "ja, i mänsklig takt", "kyllä, ihmisen tahtiin"),
    "autopilot_headless": ("yes, within seconds", "ja, inom sekunder", "kyllä, sekunneissa"),
    "unread": ("unread", "olästa", "lukematta"),
    "by_person": ("played by hand", "spelas för hand", "ohjataan käsin"),
    "switched_off": ("switched off", "avstängd", "sammutettu"),
    "opted_out": ("opted out by STOP", "avanmäld med STOP", "estänyt STOP-viestillä"),
    "none_yet_head": ("No phone has had a text yet", "Ingen telefon har fått sms än", "Yksikään puhelin ei ole saanut viestiä"),
    "none_yet": (
        "Raise an emergency at the dispatcher's desk (sign in), or from a program as the start page shows. The "
        "volunteers' phones then show up here. Or untick the box above and text from any phone. "
        "To play somebody who joins, search for a number that nobody has, and text JOIN from it.",
        "Skapa ett larm vid larmbordet (logga in), eller från ett program som startsidan visar. Då dyker de frivilligas "
        "telefoner upp här. Eller avmarkera rutan ovan och skicka sms från vilken telefon som helst. Sök ett nummer som ingen "
        "har och skicka JOIN från det för att spela någon som går med.",
        "Luo hälytys päivystäjän pöydältä (kirjaudu) tai ohjelmasta, kuten aloitussivu neuvoo. Vapaaehtoisten puhelimet "
        "ilmestyvät silloin tähän. Tai poista valinta yltä ja lähetä viesti mistä tahansa puhelimesta. Hae numeroa, jota "
        "kenelläkään ei ole, ja lähetä siitä JOIN, niin esität liittyjää.",
    ),
    "stranger": (
        "Text from a phone that nobody knows",
        "Sms:a från en okänd telefon",
        "Lähetä viesti tuntemattomasta puhelimesta",
    ),
    "none_found": ("No phone fits the search.", "Ingen telefon stämmer med sökningen.", "Haku ei löydä yhtään puhelinta."),
    "choose": (
        "Choose a phone to read and answer.",
        "Välj en telefon för att läsa och svara.",
        "Valitse puhelin ja vastaa.",
    ),
    "back": ("All phones", "Alla telefoner", "Kaikki puhelimet"),
    "no_texts": ("Nothing on this phone yet.", "Inget i den här telefonen än.", "Tässä puhelimessa ei ole vielä mitään."),
    "conversation": ("Conversation", "Konversation", "Keskustelu"),
    "from_phone": ("This phone", "Den här telefonen", "Tämä puhelin"),
    "to_phone": ("To this phone", "Till den här telefonen", "Tähän puhelimeen"),
    "quick": ("Quick answers", "Snabba svar", "Pikavastaukset"),
    "quick_1": ("going", "kommer", "tulen"),
    "quick_2": ("cannot", "kan inte", "en pääse"),
    "quick_3": ("on scene", "framme", "perillä"),
    "quick_4": ("left", "lämnat", "poistunut"),
    "quick_0": ("ring me", "ring mig", "soittakaa"),
    "message": ("Text from this phone", "Sms från den här telefonen", "Viesti tästä puhelimesta"),
    "send": ("Send", "Skicka", "Lähetä"),
    "down": (
        "The simulated carrier does not answer. Is scripts/start still running? Trying again every second.",
        "Den simulerade operatören svarar inte. Kör scripts/start fortfarande? Försöker igen varje sekund.",
        "Simuloitu operaattori ei vastaa. Onko scripts/start yhä käynnissä? Yritetään uudelleen joka sekunti.",
    ),
    "ringing": ("rings", "ringer", "soi"),
    "call_ringing": ("The phone rings", "Telefonen ringer", "Puhelin soi"),
    "call_talking": ("In a call", "Samtal pågår", "Puhelu on käynnissä"),
    "call_over": ("The last call has ended", "Det senaste samtalet är slut", "Viimeisin puhelu on päättynyt"),
    "call_missed": ("A call was missed", "Ett missat samtal", "Vastaamaton puhelu"),
    "call_heard": ("What is said", "Vad som sägs", "Mitä sanotaan"),
    "call_take": ("Pick up", "Svara", "Vastaa"),
    "call_decline": ("Decline", "Avvisa", "Hylkää"),
    "call_hang_up": ("Hang up", "Lägg på", "Lopeta puhelu"),
    "call_keys": (
        "Keys (or type them)",
        "Knappar (eller skriv dem)",
        "Näppäimet (tai kirjoita ne)",
    ),
    "not_done": (
        "The call has ended meanwhile.",
        "Samtalet har redan avslutats.",
        "Puhelu on jo päättynyt.",
    ),
    "not_sent": ("The text was not sent.", "Sms:et skickades inte.", "Viestiä ei lähetetty."),
}
LANGUAGES = ("en", "sv", "fi")


def words(language: str) -> dict[str, str]:
    """The page's words in `language`; in English where we have no such language."""
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {key: translations[index] for key, translations in _WORDS.items()}
