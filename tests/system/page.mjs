// Opens the status page in a real browser and prints what was there to be seen as one line of JSON.
//
//   node tests/system/page.mjs URL SCREENSHOT.png [--width 1280] [--dark] [--timeout 30]
//
// {"verdict", "layers": [...], "alarms": [...], "objectives": {"journey": "the row's text"}, "saleAt": "2026-11-30T10:23:00+00:00", "unread": [...],
//  "overflow": how many pixels the page is wider than the window, "consoleErrors": [...], "requests": [...]}

import { run } from "./chromium.mjs";

async function look({ page, consoleErrors, url, screenshot }) {
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url, { waitUntil: "load" });

  const texts = (selector) => page.locator(selector).allInnerTexts();
  const named = (name) =>
    page
      .locator(`[data-${name}]`)
      .evaluateAll((found, attribute) => found.map((one) => [one.dataset[attribute], one.innerText]), name);
  const seen = {
    verdict: (await texts("h1"))[0] ?? null,
    layers: (await named("layer")).map(([name]) => name),
    alarms: (await named("alarm")).map(([name]) => name),
    objectives: Object.fromEntries(await named("objective")),
    saleAt: await page.locator("#sale time").first().getAttribute("datetime"),
    unread: await texts(".unread"),
    overflow: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    consoleErrors,
    requests,
  };
  await page.screenshot({ path: screenshot, fullPage: true });
  return seen;
}

await run({
  usage: "node tests/system/page.mjs URL SCREENSHOT.png",
  required: ["url", "screenshot"],
  what: "The page",
  look,
});
