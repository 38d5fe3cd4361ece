// Two real nodes, A and B, with a channel from A to B, on a stand-in chain. Prints `READY {json}` and then serves until
// SIGTERM, the end of its standard input, or its parent's death. See README.md for the settings.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listen, sleep } from './loopback.mjs';
import { FiberNode, launchBrowser } from './node-host.mjs';
import { NodePair } from './node-pair.mjs';
import { startBridge } from './p2p-bridge.mjs';
import { startStubChain } from './stub-chain.mjs';

const CHANNELS_MAX = 2;
const BLOCKS_PER_MINE = 10;
const LOGGED_LINE_LENGTH_MAX = 2000;
const PARENT_POLL_MILLISECONDS = 1000;
const CLOSE_MILLISECONDS_MAX = 10_000;
const PROFILE_PREFIX = 'fiberlink-chromium-of-'; // Followed by the id of the process it belongs to.
const PROFILE_OWNER = new RegExp(`^${PROFILE_PREFIX}(\\d+)-`);

const HERE = path.dirname(fileURLToPath(import.meta.url));

// Published keys, worth nothing: the chain behind them exists only in this process.
const testKey = (byte, last) => Buffer.from(byte.repeat(31) + last, 'hex');
const FIBER_KEYS = { a: testKey('11', '01'), b: testKey('22', '01') };
const CKB_KEYS = { a: testKey('11', '02'), b: testKey('22', '02') };

function wholeNumber(name, fallback, max) {
  const text = process.env[name] ?? String(fallback);
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max) {
    throw new Error(`${name} must be a whole number from 0 to ${max}, not '${text}'`);
  }
  return number;
}

const port = (name) => wholeNumber(name, 0, 65535);
const startedBy = process.ppid;
const stops = [];
let stopping = false;
let logFile = null;

function log(...words) {
  const line = words.map((word) => (word instanceof Error ? word.stack : String(word))).join(' ');
  logFile?.write(line + '\n');
  if (!/\[(debug|info)\]/.test(line)) {
    process.stderr.write(line.slice(0, LOGGED_LINE_LENGTH_MAX) + '\n');
  }
}

/** Stops everything that was started, last first, and ends the process; a second call changes nothing. */
async function stop(reason, exitCode) {
  if (stopping) {
    return;
  }
  stopping = true;
  log('stopping:', reason);
  const closing = (async () => {
    for (const stopOne of stops.splice(0).reverse()) {
      try {
        await stopOne();
      } catch (error) {
        log('failed to stop a part:', error);
      }
    }
  })();
  await Promise.race([closing, sleep(CLOSE_MILLISECONDS_MAX)]);
  process.exit(exitCode);
}

function watchForTheEnd() {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.on(signal, () => stop(signal, 0));
  }
  process.on('uncaughtException', (error) => stop(error.stack, 1));
  process.on('unhandledRejection', (error) => stop(error?.stack ?? error, 1));
  // Whoever read our output may be gone; that must not keep the rest from being stopped.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  process.stdin.on('error', () => stop('standard input failed', 0));
  process.stdin.on('close', () => stop('standard input closed', 0));
  process.stdin.resume();
  setInterval(() => {
    if (process.ppid !== startedBy) {
      stop('the parent process is gone', 0);
    }
  }, PARENT_POLL_MILLISECONDS).unref();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

const removeFolder = (folder) => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });

/** A process that was killed could not remove its profile folder, so the next one does. */
function removeOrphans(parent) {
  for (const name of fs.readdirSync(parent)) {
    const owner = PROFILE_OWNER.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) {
      try {
        removeFolder(path.join(parent, name));
      } catch (error) {
        log('left over:', error.message); // Somebody else's.
      }
    }
  }
}

/** A profile folder that goes when the process does, however far the start came. */
function makeProfileFolder() {
  const parent = os.tmpdir();
  removeOrphans(parent);
  const folder = fs.mkdtempSync(path.join(parent, `${PROFILE_PREFIX}${process.pid}-`));
  // Added when the process ends: after the browser's own handler, which kills a browser that is still there.
  stops.push(() => { process.on('exit', () => removeFolder(folder)); });
  return folder;
}

/** An endpoint that does to the pair what a test asks: 200 when done, 404 for an unknown wish, 500 with the reason. */
function controlServer(pair, chain) {
  const wishes = {
    '/disconnect': () => pair.disconnect(),
    '/connect': () => pair.connect(),
    '/restart-a': () => pair.a.restart(),
    '/restart-b': () => pair.b.restart(),
    '/mine': () => chain.mine(BLOCKS_PER_MINE),
    '/chain': () => chain.summary(),
  };
  return http.createServer(async (request, response) => {
    const wish = wishes[request.url];
    if (!wish) {
      response.writeHead(404).end();
      return;
    }
    try {
      const outcome = await wish();
      response.end(JSON.stringify(outcome ?? {}) + '\n');
    } catch (error) {
      log('failed', request.url, error);
      response.writeHead(500).end(error.message + '\n');
    }
  });
}

async function start() {
  const channels = wholeNumber('CHANNELS', 1, CHANNELS_MAX);
  if (process.env.LOG_FILE) {
    logFile = fs.createWriteStream(process.env.LOG_FILE);
  }
  const chain = await startStubChain({ port: port('CKB_STUB_PORT'), log: (...words) => log('[chain]', ...words) });
  stops.push(chain.stop);
  const bridge = await startBridge({
    keys: FIBER_KEYS,
    portForA: port('BRIDGE_A_PORT'),
    portForB: port('BRIDGE_B_PORT'),
    log: (...words) => log('[bridge]', ...words),
  });
  stops.push(bridge.stop);
  const browser = await launchBrowser({
    pagePort: port('PAGE_PORT'),
    profileFolder: makeProfileFolder(),
    executable: process.env.CHROMIUM ?? '/usr/bin/chromium',
  });
  stops.push(browser.close);

  const template = fs.readFileSync(path.join(HERE, 'config.tmpl.yml'), 'utf8');
  const config = template.replaceAll('@CHAIN@', 'testnet').replaceAll('@CKB_URL@', chain.url);
  const shared = { config, logLevel: process.env.LOG_LEVEL ?? 'info', log };
  const a = new FiberNode(browser, { ...shared, name: 'A', fiberKey: FIBER_KEYS.a, ckbKey: CKB_KEYS.a });
  const b = new FiberNode(browser, { ...shared, name: 'B', fiberKey: FIBER_KEYS.b, ckbKey: CKB_KEYS.b });
  for (const [node, name] of [[a, 'A_PORT'], [b, 'B_PORT']]) {
    await node.start(port(name));
    stops.push(() => node.stop());
  }

  const pair = new NodePair(a, b, bridge, log);
  await pair.identify();
  await pair.connect();
  for (let i = 0; i < channels; i++) {
    await pair.openChannel();
  }
  const control = controlServer(pair, chain);
  const controlPort = await listen(control, port('CONTROL_PORT'));
  stops.push(() => {
    control.close();
    control.closeAllConnections();
  });
  return {
    a: a.url,
    b: b.url,
    control: `http://127.0.0.1:${controlPort}/`,
    pubkeyOfA: pair.pubkeyOfA,
    pubkeyOfB: pair.pubkeyOfB,
    pid: process.pid,
  };
}

watchForTheEnd();
const deadlineSeconds = wholeNumber('START_DEADLINE_SECONDS', 120, 3600);
const deadline = setTimeout(() => stop(`not ready within ${deadlineSeconds} s`, 1), deadlineSeconds * 1000);
const endpoints = await start();
clearTimeout(deadline);
process.stdout.write(`READY ${JSON.stringify(endpoints)}\n`);
