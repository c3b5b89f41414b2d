// /displays/pair/ and walls: how far this screen's clock is from the server's.
(() => {
  "use strict";
  // Milliseconds by which this clock is ahead; `server` is the server's time in milliseconds, told
  // in an answer between `asked` and `answered` (of Date.now()). Right to half the time between.
  const ahead = (server, asked, answered) => Math.round((asked + answered) / 2 - server);
  // Day and time as people read them in New York, as on the walls.
  const inWords = (at) => new Date(at).toLocaleString("en-GB", {
    timeZone: "America/New_York", weekday: "short", day: "numeric", month: "short",
    hour: "2-digit", minute: "2-digit",
  });
  window.screenClock = { ahead, inWords };
})();
