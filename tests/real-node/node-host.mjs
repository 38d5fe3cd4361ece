// Runs Fiber nodes, the published wasm build, as pages of one headless Chromium.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { NodeIsDown, rpcServer, toRpcError } from './json-rpc.mjs';
import { listen } from './loopback.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const FIBER_JS = path.join(HERE, 'node_modules', '@nervosnetwork', 'fiber-js', 'dist', 'index.js');
const METHODS_WITHOUT_PARAMETERS = new Set(['node_info', 'list_peers']);
const CHROMIUM_ARGUMENTS = [
  '--headless',
  '--no-sandbox', // Chromium refuses to run as root otherwise, and it loads nothing but our own page.
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

// A late Atomics.notify of the database worker can wake the next wait although the value did not change, which the
// wasm store treats as unreachable. The wait is guarded in the workers; the wasm code itself is untouched.
const WORKER_PRELUDE = `(() => {
  const wait = Atomics.wait;
  Atomics.wait = (array, index, value, timeout) => {
    for (;;) {
      const outcome = timeout === undefined ? wait.call(Atomics, array, index, value) : wait.call(Atomics, array, index, value, timeout);
      if (outcome !== 'ok' || Atomics.load(array, index) !== value) return outcome;
    }
  };
})();`;
const WORKER_BLOB = /new Blob\(\[(\w)\],\{type:"text\/javascript"\}\)/;

// The browser build's WebSocket forgets to wake a pending read when the socket closes, so a dropped peer would go unnoticed.
const SOCKET_CLOSE = 'close(){this.closed=!0,this.queue.push(Promise.resolve(null))}';
const SOCKET_CLOSE_THAT_WAKES = 'close(){this.closed=!0;if(this.cache_resolve!==null)'
  + '{const wake=this.cache_resolve;this.cache_resolve=null;wake(null)}else this.queue.push(Promise.resolve(null))}';
const SOCKET_READ = 'new Promise.resolve(null)';
const SOCKET_READ_THAT_WORKS = 'Promise.resolve(null)';

function patchedFiberJs() {
  let source = fs.readFileSync(FIBER_JS, 'utf8');
  const replace = (found, replacement) => {
    const patched = source.replace(found, replacement);
    if (patched === source) {
      throw new Error(`fiber-js has changed: ${found} was not found in it`);
    }
    source = patched;
  };
  replace(WORKER_BLOB, (_, code) => `new Blob([${JSON.stringify(WORKER_PRELUDE)}+${code}],{type:"text/javascript"})`);
  replace(SOCKET_CLOSE, () => SOCKET_CLOSE_THAT_WAKES);
  replace(SOCKET_READ, () => SOCKET_READ_THAT_WORKS);
  return source;
}

/** Starts the browser and the server of its page. The page's port is the nodes' origin: their databases belong to it. */
export async function launchBrowser({ pagePort, profileFolder, executable }) {
  const fiberJs = patchedFiberJs();
  const pages = http.createServer((request, response) => {
    // Shared memory between workers needs a cross-origin isolated page.
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><meta charset=utf-8><title>fiber</title>');
    } else if (request.url === '/fiber.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(fiberJs);
    } else {
      response.writeHead(404).end();
    }
  });
  const boundPort = await listen(pages, pagePort);
  const context = await chromium.launchPersistentContext(profileFolder, {
    executablePath: executable,
    headless: true,
    args: CHROMIUM_ARGUMENTS,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  return {
    context,
    origin: `http://127.0.0.1:${boundPort}/`,
    close: async () => {
      await context.close();
      pages.close();
      pages.closeAllConnections();
    },
  };
}

/** Runs in the page: starts the node and leaves `window.rpc` for calls. */
async function startInPage({ config, fiberKey, ckbKey, logLevel, databasePrefix }) {
  if (!crossOriginIsolated) {
    throw new Error('the page is not cross-origin isolated');
  }
  const { Fiber } = await import('/fiber.js');
  const fiber = new Fiber();
  const noChainSpec = undefined;
  await fiber.start(config, Uint8Array.from(fiberKey), Uint8Array.from(ckbKey), noChainSpec, logLevel, databasePrefix);
  const toJson = (value) => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'bigint') return value.toString();
    if (Array.isArray(value)) return value.map(toJson);
    if (typeof value !== 'object') return value;
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, toJson(item)]));
  };
  window.rpc = async ([method, parameters]) => {
    try {
      return { result: toJson(await fiber.invokeCommand(method, parameters)) };
    } catch (error) {
      return { error: String(error?.message ?? error) };
    }
  };
}

/** One node behind its endpoint. The endpoint keeps its port, and the node its database, through `restart`. */
export class FiberNode {
  constructor(browser, { name, config, fiberKey, ckbKey, logLevel, log }) {
    const settings = { config, fiberKey: [...fiberKey], ckbKey: [...ckbKey], logLevel, databasePrefix: `/wasm-${name.toLowerCase()}` };
    Object.assign(this, { browser, name, settings, log, page: null });
    this.server = rpcServer((method, parameters) => this.call(method, parameters));
  }

  async start(rpcPort) {
    await this.openPage();
    this.url = `http://127.0.0.1:${await listen(this.server, rpcPort)}/`;
  }

  async restart() {
    const page = this.page;
    this.page = null;
    await page.close();
    await this.openPage();
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }

  async openPage() {
    const page = await this.browser.context.newPage();
    page.on('pageerror', (error) => this.log(`[${this.name}][pageerror] ${error}`));
    page.on('console', (message) => {
      const text = message.text().replace(/%c/g, '').replace(/ color: white; padding.*$/s, '');
      this.log(`[${this.name}][${message.type()}] ${text}`);
    });
    await page.goto(this.browser.origin);
    await page.evaluate(startInPage, this.settings);
    this.page = page;
  }

  async call(method, parameters) {
    const page = this.page;
    if (page === null) {
      throw new NodeIsDown();
    }
    let answer;
    try {
      answer = await page.evaluate((call) => window.rpc(call), [method, METHODS_WITHOUT_PARAMETERS.has(method) ? [] : [parameters ?? {}]]);
    } catch (error) {
      throw page.isClosed() ? new NodeIsDown() : error;
    }
    if ('error' in answer) {
      const rpc = toRpcError(answer.error);
      throw Object.assign(new Error(rpc.message), { rpc });
    }
    return answer.result;
  }
}
