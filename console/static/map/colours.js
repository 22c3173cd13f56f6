// The colours of the map by day and by night. Quiet on purpose: what people do is drawn over it and must stand out.

export const COLOURS = {
  day: {
    land: "#f1f2ef", water: "#b9d6e6", waterText: "#35627e", green: "#d5e6cb", square: "#e9e7e0", building: "#dcd8d1",
    buildingLine: "#c5c0b7", street: "#ffffff", main: "#fdf0c8", casing: "#c3c7ca", path: "#b9b2a6", rail: "#a0a6ab",
    text: "#2a343c", quietText: "#5b666f", halo: "#fbfbf9", served: "#12586f",
    ink: "#10202c", paper: "#ffffff", open: "#0f4c81", covered: "#1c7049", closed: "#6b7680", actNow: "#b3261e",
    going: "#0f4c81", there: "#1c7049", asked: "#8a5a00", cannot: "#5f6a73", pick: "#7a2e8c",
  },
  night: {
    land: "#131b22", water: "#0b2a3e", waterText: "#7fb0cd", green: "#16291f", square: "#1a242d", building: "#1f2b35",
    buildingLine: "#2b3944", street: "#33424f", main: "#4b5664", casing: "#0d141a", path: "#3a4650", rail: "#47535d",
    text: "#c5d1da", quietText: "#93a3b0", halo: "#10171d", served: "#7fd0ea",
    ink: "#f2f7fa", paper: "#0c1319", open: "#6db6f2", covered: "#6fd3a0", closed: "#8d99a3", actNow: "#ff7a70",
    going: "#6db6f2", there: "#6fd3a0", asked: "#f0bd5b", cannot: "#a3b0ba", pick: "#d99be8",
  },
};
