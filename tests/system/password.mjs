// Opens the page for choosing a password, by its link, and chooses one; prints what was seen as one line of JSON.
//
//   node tests/system/password.mjs LINK PASSWORD SCREENSHOT.png [--width 1280] [--dark] [--timeout 30]
//
// {"asked": "Choose a password", "answered": "Your new password is saved", "failure": text or null, "consoleErrors": [...]}

import { run } from "./chromium.mjs";

async function choose({ page, consoleErrors, link, password, screenshot }) {
  await page.goto(link, { waitUntil: "load" });
  const heading = () => page.locator("h1").first().innerText();
  const asked = await heading();
  await page.getByLabel("New password").fill(password);
  await page.screenshot({ path: screenshot, fullPage: true });
  await page.getByRole("button", { name: "Save password" }).click();
  await page.locator("[role=status], .failure").first().waitFor();
  const failures = await page.locator(".failure").allInnerTexts();
  return { asked, answered: await heading(), failure: failures[0] ?? null, consoleErrors };
}

await run({
  usage: "node tests/system/password.mjs LINK PASSWORD SCREENSHOT.png",
  required: ["link", "password", "screenshot"],
  what: "The page",
  look: choose,
});
