// Signs in as an owner, invites somebody on the team's page, and prints what was seen as one line of JSON.
//
//   node tests/system/team.mjs BASE_URL EMAIL PASSWORD INVITED SCREENSHOT.png [--width 1280] [--dark] [--timeout 30]
//
// {"link": "http://.../password#...", "members": ["anna@...", ...], "failure": text or null, "overflow": 0, "consoleErrors": [...]}
//
// overflow: how many pixels the page is wider than the window.

import { run } from "./chromium.mjs";

async function invite({ page, consoleErrors, base, email, password, invited, screenshot }) {
  await page.goto(`${base}team`, { waitUntil: "load" });
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Invite somebody" }).waitFor(); // the form before has an email, too
  await page.getByLabel("Email").fill(invited);
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.locator("[aria-label=Link], .failure").first().waitFor();
  const link = page.getByLabel("Link", { exact: true });
  const seen = {
    link: (await link.count()) ? await link.inputValue() : null,
    members: await page
      .locator("[data-member]")
      .evaluateAll((found) => found.map((one) => one.getAttribute("data-member"))),
    failure: (await page.locator(".failure").allInnerTexts())[0] ?? null,
    overflow: await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    consoleErrors,
  };
  await page.screenshot({ path: screenshot, fullPage: true });
  return seen;
}

await run({
  usage: "node tests/system/team.mjs BASE_URL EMAIL PASSWORD INVITED SCREENSHOT.png",
  required: ["base", "email", "password", "invited", "screenshot"],
  what: "The page",
  look: invite,
});
