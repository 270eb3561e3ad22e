// Writes times that the server could give only in UTC in the zone of this browser, in the words of the page.
const format = new Intl.DateTimeFormat(document.documentElement.lang, {
  day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});

for (const place of document.querySelectorAll("time [data-local]")) {
  const text = format.format(new Date(place.closest("time").dateTime));
  // As the server writes it, in parentheses or not.
  place.textContent = place.textContent.replace(/[^()]+/u, text.replace(/GMT(?=[+−-])/u, "UTC"));
}
