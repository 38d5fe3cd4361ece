// A node's methods behind JSON-RPC over HTTP, with the native node's shape: errors, batches, status codes.
import http from 'node:http';
import { bodyOf } from './loopback.mjs';

const NAMED_CODES = {
  ParseError: -32700,
  InvalidRequest: -32600,
  MethodNotFound: -32601,
  InvalidParams: -32602,
  InternalError: -32603,
  ServerIsBusy: -32009,
  OversizedRequest: -32007,
};

const unescape = (text) => text.replace(/\\"/g, '"').replace(/\\\\/g, '\\');

function dataOf(text) {
  const raw = /^Some\(RawValue\((.*)\)\)$/s.exec(text ?? '')?.[1];
  if (raw === undefined) {
    return undefined;
  }
  try {
    return JSON.parse(unescape(raw));
  } catch {
    return raw;
  }
}

/** The JSON-RPC error in the text that the wasm build throws: Rust's debug form of its error object. */
export function toRpcError(text) {
  const error = /^ErrorObject \{ code: (\w+)(?:\((-?\d+)\))?, message: "((?:[^"\\]|\\.)*)"(?:, data: (.*))? \}$/s.exec(text);
  if (error) {
    const [, name, number, message, data] = error;
    return {
      code: number === undefined ? NAMED_CODES[name] ?? -32000 : Number(number),
      message: unescape(message.replace(/\\'/g, "'")),
      data: dataOf(data),
    };
  }
  if (/is not a function/.test(text)) {
    return { code: -32601, message: 'Method not found' };
  }
  if (/panicked|unreachable/.test(text)) {
    return { code: -32603, message: 'node panicked', data: text };
  }
  return { code: -32602, message: 'Invalid params', data: text };
}

/** What a node that is stopped or stopping throws: the caller's connection is then cut, as a dead process would. */
export class NodeIsDown extends Error {}

/** An HTTP server, not yet listening, that answers with `call(method, parameters)`. */
export function rpcServer(call) {
  const answer = async (request) => {
    if (typeof request !== 'object' || request === null || request.jsonrpc !== '2.0' || typeof request.method !== 'string') {
      return { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid request' } };
    }
    const envelope = { jsonrpc: '2.0', id: request.id ?? null };
    try {
      return { ...envelope, result: await call(request.method, Array.isArray(request.params) ? request.params[0] : request.params) };
    } catch (error) {
      if (error instanceof NodeIsDown) {
        throw error;
      }
      return { ...envelope, error: error.rpc ?? { code: -32603, message: error.message } };
    }
  };

  const answerAll = async (text) => {
    let body;
    try {
      body = JSON.parse(text);
    } catch {
      return { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } };
    }
    if (!Array.isArray(body)) {
      return answer(body);
    }
    const answers = [];
    for (const request of body) {
      answers.push(await answer(request));
    }
    return answers;
  };

  return http.createServer(async (request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    try {
      const text = JSON.stringify(await answerAll(await bodyOf(request)));
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.end(text);
    } catch {
      request.socket.destroy();
    }
  });
}
