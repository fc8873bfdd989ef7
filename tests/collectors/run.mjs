// Runs each collector in headless Chromium and Firefox on a page of our own and keeps what it returned, byte for byte.
//
//   npm ci && node run.mjs [folder]      needs chromium and firefox-esr; writes to fixtures/ unless told otherwise
//
// The page posts the collector's answer as JSON.stringify wrote it, so a fixture is what a server would receive.

import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const here = import.meta.dirname;
const folder = resolve(process.argv[2] ?? join(here, 'fixtures'));
const ANSWER_MS = 60_000; // a collector that takes longer has hung
const WHOLE_RUN_MS = 600_000;

const SCRIPTS = {
  fingerprintjs: '@fingerprintjs/fingerprintjs/dist/fp.esm.js',
  clientjs: 'clientjs/dist/client.base.min.js',
  imprintjs: 'imprintjs/dist/imprint.js',
  thumbmarkjs: '@thumbmarkjs/thumbmarkjs/dist/thumbmark.umd.js',
  detectincognitojs: 'detectincognitojs/dist/es5/detectIncognito.min.js',
};
const COLLECTORS = Object.keys(SCRIPTS);

// What differs from the base in each condition. The screen and the language are the context's, as a page sees them.
const BASE = { locale: 'en-US', screen: { width: 1366, height: 768 }, viewport: { width: 1200, height: 600 } };
const CHROMIUM = {
  base: {},
  repeat: {},
  language: { locale: 'de-DE' },
  screen: { screen: { width: 1920, height: 1080 } },
  incognito: { incognito: true },
};
const CHROMIUM_FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// No looking for updates, portals or add-ons: the run must not leave the machine.
const FIREFOX_PREFERENCES = ['app.update.enabled', 'browser.shell.checkDefaultBrowser', 'browser.safebrowsing.malware.enabled',
  'browser.safebrowsing.phishing.enabled', 'datareporting.policy.dataSubmissionEnabled', 'extensions.getAddons.cache.enabled',
  'extensions.update.enabled', 'network.captive-portal-service.enabled', 'network.connectivity-service.enabled',
  'network.dns.disablePrefetch', 'services.settings.enabled', 'toolkit.telemetry.enabled'];

// Always these two, whatever the machine says, so that a fixture can be made again elsewhere.
const environment = { ...process.env, TZ: 'Europe/Berlin' };

const waiting = new Map();
const server = createServer(async (request, response) => {
  const [, kind, name] = request.url.split('/');
  try {
    if (request.method === 'POST') {
      const pieces = await request.toArray();
      waiting.get(name)?.(kind, Buffer.concat(pieces).toString());
      response.writeHead(204).end();
    } else if (kind === 'collect') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(await readFile(join(here, 'page.html')));
    } else {
      const script = SCRIPTS[kind.replace(/\.js$/, '')];
      if (!script) { response.writeHead(404).end(); return; }
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(await readFile(join(here, 'node_modules', script)));
    }
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
await new Promise(listening => server.listen(0, '127.0.0.1', listening));
const address = collector => `http://127.0.0.1:${server.address().port}/collect/${collector}`;

/** Opens the collector's page with `open` and gives what the page posts. */
async function answer(collector, open) {
  const { promise, resolve, reject } = Promise.withResolvers?.() ?? withResolvers();
  const timer = setTimeout(() => reject(new Error(`${collector}: no answer`)), ANSWER_MS);
  waiting.set(collector, (kind, body) => kind === 'result' ? resolve(body) : reject(new Error(`${collector}: ${body}`)));
  try {
    await open(address(collector));
    return await promise;
  } finally {
    clearTimeout(timer);
    waiting.delete(collector);
  }
}

function withResolvers() { // Node before 22
  let resolve, reject;
  const promise = new Promise((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
}

async function keep(collector, condition, text) {
  await writeFile(join(folder, `${collector}-${condition}.json`), text);
  console.log(`${collector}-${condition}: ${text.length} bytes`);
}

async function inChromium(condition, { incognito, ...differences }) {
  const profile = await mkdtemp(join(tmpdir(), 'collectors-'));
  const context = { ...BASE, ...differences };
  const launch = { executablePath: '/usr/bin/chromium', env: environment, args: CHROMIUM_FLAGS };
  // A context of its own is off the record; a profile on disk is not.
  const browser = incognito ? await chromium.launch(launch) : undefined;
  const opened = browser ? await browser.newContext(context) : await chromium.launchPersistentContext(profile, { ...launch, ...context });
  try {
    for (const collector of COLLECTORS) {
      const page = await opened.newPage();
      await keep(collector, condition, await answer(collector, url => page.goto(url)));
      await page.close();
    }
  } finally {
    await opened.close();
    await browser?.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** Firefox as Debian ships it: no protocol, the page itself posts its answer. */
async function inFirefox(condition, collectors) {
  for (const collector of collectors) {
    const profile = await mkdtemp(join(tmpdir(), 'collectors-'));
    await writeFile(join(profile, 'user.js'), FIREFOX_PREFERENCES.map(name => `user_pref("${name}", ${name === 'network.dns.disablePrefetch'});\n`).join(''));
    let firefox;
    try {
      await keep(collector, condition, await answer(collector, url => {
        firefox = spawn('firefox-esr', ['--headless', '--no-remote', '--profile', profile, url], { env: environment, stdio: 'ignore' });
      }));
    } finally {
      if (firefox && firefox.exitCode === null) {
        const ended = new Promise(exit => firefox.once('exit', exit));
        firefox.kill();
        await ended;
      }
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

const guard = setTimeout(() => { console.error('the whole run took too long'); process.exit(1); }, WHOLE_RUN_MS);
await mkdir(folder, { recursive: true });
for (const [condition, differences] of Object.entries(CHROMIUM)) {
  await inChromium(condition, differences);
}
await inFirefox('firefox', COLLECTORS);
await inFirefox('firefox-repeat', ['imprintjs', 'fingerprintjs']);
clearTimeout(guard);
server.close();
