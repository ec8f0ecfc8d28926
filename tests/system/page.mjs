// Opens the status page in a real browser and prints what was there to be seen as one line of JSON.
//
//   node tests/system/page.mjs URL SCREENSHOT.png [--width 1280] [--dark] [--timeout 30]
//
// {"verdict", "layers": [...], "alarms": [...], "objectives": {"journey": "the row's text"}, "saleAt": "2026-11-30T10:23:00+00:00", "unread": [...],
//  "overflow": how many pixels the page is wider than the window, "consoleErrors": [...], "requests": [...]}
//
// Answers 0 when the page was opened, whatever it showed; 1 with the reason on stderr when it could not be.

import { parseArgs } from "node:util";
import { openBrowser } from "./chromium.mjs";

async function look({ url, screenshot, width, dark, timeout }) {
  const browser = await openBrowser(timeout);
  try {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? "dark" : "light" });
    page.setDefaultTimeout(timeout);
    const consoleErrors = [];
    const requests = [];
    page.on("console", (message) => message.type() === "error" && consoleErrors.push(message.text()));
    page.on("pageerror", (error) => consoleErrors.push(String(error)));
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
  } finally {
    await browser.close();
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: "string", default: "1280" },
    timeout: { type: "string", default: "30" },
    dark: { type: "boolean", default: false },
  },
});
const [url, screenshot] = positionals;
if (!screenshot) {
  console.error("usage: node tests/system/page.mjs URL SCREENSHOT.png [--width 1280] [--dark]");
  process.exit(1);
}
try {
  const options = { width: Number(values.width), dark: values.dark, timeout: Number(values.timeout) * 1000 };
  console.log(JSON.stringify(await look({ url, screenshot, ...options })));
} catch (error) {
  console.error(`The page could not be opened at ${url}: ${error.message}`);
  process.exitCode = 1;
}
