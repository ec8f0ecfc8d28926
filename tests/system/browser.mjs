// Opens the site as an owner would, in a real browser, and prints what was there to be seen as one line of JSON.
//
//   node tests/system/browser.mjs BASE_URL EMAIL PASSWORD SCREENSHOT.png [--width 1280] [--dark] [--timeout 30]
//
// {"title", "heading", "failure": text or null, "days": 7, "dates": ["2026-11-24", ...], "items": ["Margherita", ...], "portions": 512,
//  "consoleErrors": [...], "failedRequests": ["404 http://..."], "contentPolicy": "default-src ...", "obeyed": []}
//
// obeyed: what the page did of the scripts and styles that were put into it, as somebody would who had found a way.

import { run } from "./chromium.mjs";

/** Runs in the page: puts an inline script, a handler and a style into it, and says which of them had an effect. */
function intrude() {
  const script = document.createElement("script");
  script.textContent = "window.intruded = true";
  document.body.append(script);
  document.body.insertAdjacentHTML("beforeend", '<i id="intruder" onclick="window.clicked = true" style="order: 7"></i>');
  const intruder = document.getElementById("intruder");
  intruder.click();
  return [
    window.intruded && "script",
    window.clicked && "handler",
    getComputedStyle(intruder).order === "7" && "style",
  ].filter(Boolean);
}

async function visit({ page, consoleErrors, base, email, password, screenshot }) {
  const failedRequests = [];
  page.on("requestfailed", (request) => failedRequests.push(`${request.failure()?.errorText} ${request.url()}`));
  page.on("response", (answer) => answer.status() >= 400 && failedRequests.push(`${answer.status()} ${answer.url()}`));

  const answered = await page.goto(base, { waitUntil: "load" });
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  // Whatever comes first: forecasts, "No forecasts yet", or a failure in words.
  await page.locator("[data-day], .failure, main[aria-busy=false]").first().waitFor();

  const texts = (selector) => page.locator(selector).allInnerTexts();
  const attributes = (name) =>
    page.locator(`[${name}]`).evaluateAll((found, attribute) => found.map((one) => one.getAttribute(attribute)), name);
  const dates = await attributes("data-day");
  const seen = {
    title: await page.title(),
    heading: (await texts("h1"))[0] ?? null,
    failure: (await texts(".failure"))[0] ?? null,
    days: dates.length,
    dates,
    items: [...new Set(await attributes("data-item"))].sort(),
    portions: (await attributes("data-quantity")).reduce((sum, quantity) => sum + Number(quantity), 0),
    consoleErrors: [...consoleErrors], // before the intruder, who is refused loudly
    failedRequests,
    contentPolicy: answered.headers()["content-security-policy"] ?? null,
    obeyed: await page.evaluate(intrude),
  };
  if (screenshot) {
    await page.screenshot({ path: screenshot, fullPage: true });
  }
  return seen;
}

await run({
  usage: "node tests/system/browser.mjs BASE_URL EMAIL PASSWORD [SCREENSHOT.png]",
  required: ["base", "email", "password"],
  optional: ["screenshot"],
  what: "The site",
  look: visit,
});
