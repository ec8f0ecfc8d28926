// A real browser: it comes with the npm package @sparticuz/chromium and is unpacked into .build/browser on first use.
// And how a program that opens one is called.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const BUILD = join(dirname(fileURLToPath(import.meta.url)), "..", "..", ".build");

// No sandbox: Chromium refuses to have one as root, and only our own page is opened. The others keep it from calling home.
const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** The folder with the browser and its fonts. The package unpacks into TMPDIR, readable by its user only. */
async function unpacked() {
  const folder = join(BUILD, "browser");
  if (!existsSync(folder)) {
    const unfinished = `${folder}-${process.pid}`;
    const temporary = process.env.TMPDIR;
    mkdirSync(unfinished, { recursive: true });
    process.env.TMPDIR = unfinished;
    try {
      await chromium.executablePath();
      // The package's own configuration looks for fonts in /tmp.
      writeFileSync(join(unfinished, "fonts.conf"), `<fontconfig><dir>${join(folder, "fonts")}</dir></fontconfig>\n`);
      renameSync(unfinished, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // otherwise another run was faster
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      if (temporary === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = temporary;
    }
  }
  return folder;
}

/** The browser, which whoever opens it closes. timeout: milliseconds. */
async function openBrowser(timeout) {
  const folder = await unpacked();
  return playwright.launch({
    executablePath: join(folder, "chromium"),
    args: FLAGS,
    env: { ...process.env, FONTCONFIG_FILE: join(folder, "fonts.conf") },
    timeout,
  });
}

/** What `look` sees with a page of its own, and the errors in that page's console. */
async function withPage({ width, dark, timeout, ...given }, look) {
  const browser = await openBrowser(timeout);
  try {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: dark ? "dark" : "light" });
    page.setDefaultTimeout(timeout);
    const consoleErrors = [];
    page.on("console", (message) => message.type() === "error" && consoleErrors.push(message.text()));
    page.on("pageerror", (error) => consoleErrors.push(String(error)));
    return await look({ page, consoleErrors, ...given });
  } finally {
    await browser.close();
  }
}

/**
 * Runs a program that opens a page: it prints what `look` has seen as one line of JSON. It answers 0 when the page was
 * opened, whatever it showed; 1 with the reason on stderr when it could not be.
 *
 * look: is given a page, the errors in its console so far, and the arguments by their names.
 * usage: after the options' names. required, optional: names of the arguments, in their order; the first is the address.
 * what: that is opened, for people.
 */
export async function run({ usage, required, optional = [], what, look }) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      width: { type: "string", default: "1280" },
      timeout: { type: "string", default: "30" },
      dark: { type: "boolean", default: false },
    },
  });
  if (positionals.length < required.length) {
    console.error(`usage: ${usage} [--width 1280] [--dark]`);
    process.exit(1);
  }
  const given = Object.fromEntries([...required, ...optional].map((name, index) => [name, positionals[index]]));
  try {
    const options = { width: Number(values.width), dark: values.dark, timeout: Number(values.timeout) * 1000 };
    console.log(JSON.stringify(await withPage({ ...given, ...options }, look)));
  } catch (error) {
    console.error(`${what} could not be opened at ${positionals[0]}: ${error.message}`);
    process.exitCode = 1;
  }
}
