// A real browser: it comes with the npm package @sparticuz/chromium and is unpacked into .build/browser on first use.

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
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
export async function openBrowser(timeout) {
  const folder = await unpacked();
  return playwright.launch({
    executablePath: join(folder, "chromium"),
    args: FLAGS,
    env: { ...process.env, FONTCONFIG_FILE: join(folder, "fonts.conf") },
    timeout,
  });
}
