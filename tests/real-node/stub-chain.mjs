// A stand-in for CKB's JSON-RPC on loopback: it keeps cells and transactions, runs no script and asks for no work.
// A transaction is committed in the next block if its inputs are live; blocks come at a steady pace. That is enough
// for nodes to fund, open, use and close channels. Whoever asks for the cells of a key for the first time finds money.
import http from 'node:http';
import { ckbHash, fromHex, quantity, scriptHash, transactionHash } from './ckb-molecule.mjs';
import { bodyOf, listen } from './loopback.mjs';
import { keyOf, Ledger, matches, TYPE_ID, ZERO_HASH } from './stub-ledger.mjs';

const EPOCH = { number: '0x0', start_number: '0x0', length: '0x708', compact_target: '0x20010000' };
const NO_POOL = { time_added_to_pool: null, fee: null, min_replace_fee: null };
const UNKNOWN_TRANSACTION = {
  transaction: null,
  cycles: null,
  ...NO_POOL,
  tx_status: { status: 'unknown', block_number: null, block_hash: null, tx_index: null, reason: null },
};

const consensus = (ledger) => ({
  id: 'ckb_stub',
  genesis_hash: ledger.hashOfBlock(0),
  dao_type_hash: scriptHash(ledger.systemType(2)),
  secp256k1_blake160_sighash_all_type_hash: ledger.sighashCode,
  secp256k1_blake160_multisig_all_type_hash: scriptHash(ledger.systemType(4)),
  initial_primary_epoch_reward: '0x1',
  secondary_epoch_reward: '0x1',
  max_uncles_num: '0x2',
  orphan_rate_target: { numer: '0x1', denom: '0x28' },
  epoch_duration_target: '0x3840',
  tx_proposal_window: { closest: '0x2', farthest: '0xa' },
  proposer_reward_ratio: { numer: '0x4', denom: '0xa' },
  cellbase_maturity: '0x10000000004',
  median_time_block_count: '0x25',
  max_block_cycles: '0xd09dc300',
  max_block_bytes: '0x91c08',
  block_version: '0x0',
  tx_version: '0x0',
  type_id_code_hash: TYPE_ID,
  max_block_proposals_limit: '0x5dc',
  primary_epoch_reward_halving_interval: '0x2238',
  permanent_difficulty_in_dummy: false,
  hardfork_features: [],
  softforks: {},
});

function liveCell(ledger, outPoint, withData) {
  const cell = ledger.cells.get(keyOf(outPoint));
  if (!cell?.live) {
    return { cell: null, status: cell ? 'dead' : 'unknown' };
  }
  const content = fromHex(cell.data);
  const data = withData ? { content: cell.data, hash: content.length ? ckbHash(content) : ZERO_HASH } : null;
  return { cell: { output: cell.output, data }, status: 'live' };
}

function transactionByHash(ledger, hash) {
  const found = ledger.transactions.get(hash);
  return found
    ? {
        transaction: { ...found.transaction, hash },
        cycles: '0x1',
        ...NO_POOL,
        tx_status: {
          status: 'committed',
          block_number: quantity(found.number),
          block_hash: ledger.hashOfBlock(found.number),
          tx_index: '0x1',
          reason: null,
        },
      }
    : UNKNOWN_TRANSACTION;
}

function cellsOf(ledger, search, order, limit, after) {
  ledger.giveOnce(search);
  const found = ledger.liveCells(search);
  if (order === 'desc') {
    found.reverse();
  }
  const from = after ? Number(BigInt(after)) : 0;
  const page = found.slice(from, from + Number(limit));
  const objects = page.map((cell) => ({
    block_number: quantity(cell.number),
    out_point: cell.outPoint,
    output: cell.output,
    output_data: search.with_data === false ? null : cell.data,
    tx_index: '0x1',
  }));
  return { objects, last_cursor: '0x' + (from + page.length).toString(16).padStart(8, '0') };
}

function capacityOf(ledger, search) {
  const sum = ledger.liveCells(search).reduce((total, cell) => total + BigInt(cell.output.capacity), 0n);
  return { capacity: quantity(sum), block_hash: ledger.hashOfBlock(ledger.tip), block_number: quantity(ledger.tip) };
}

function transactionsOf(ledger, search, order, limit) {
  const entry = (number, hash, io_type, io_index) =>
    ({ block_number: quantity(number), io_index, io_type, tx_hash: hash, tx_index: '0x1' });
  const found = [];
  for (const cell of ledger.cells.values()) {
    if (matches(search, cell)) {
      found.push(entry(cell.number, cell.outPoint.tx_hash, 'output', cell.outPoint.index));
      if (cell.spentBy) {
        found.push(entry(cell.spentAt, cell.spentBy, 'input', '0x0'));
      }
    }
  }
  found.sort((a, b) => Number(BigInt(a.block_number) - BigInt(b.block_number)));
  if (order === 'desc') {
    found.reverse();
  }
  return { objects: found.slice(0, Number(limit)), last_cursor: '0x' };
}

const methodsOf = (ledger) => ({
  get_tip_block_number: () => quantity(ledger.tip),
  get_tip_header: () => ledger.header(ledger.tip),
  get_indexer_tip: () => ({ block_hash: ledger.hashOfBlock(ledger.tip), block_number: quantity(ledger.tip) }),
  get_header: ([hash]) => ledger.headerByHash(hash),
  get_header_by_number: ([number]) => (Number(number) <= ledger.tip ? ledger.header(Number(number)) : null),
  get_block_hash: ([number]) => (Number(number) <= ledger.tip ? ledger.hashOfBlock(Number(number)) : null),
  get_block_by_number: ([number]) => Number(number) === 0
    ? {
        header: ledger.header(0),
        uncles: [],
        transactions: ledger.genesis.map((t) => ({ ...t, hash: transactionHash(t) })),
        proposals: [],
      }
    : null,
  get_blockchain_info: () => ({
    chain: 'ckb_stub',
    median_time: ledger.header(ledger.tip).timestamp,
    epoch: '0x7080000000000',
    difficulty: '0x1',
    is_initial_block_download: false,
    alerts: [],
  }),
  get_consensus: () => consensus(ledger),
  get_epoch_by_number: () => EPOCH,
  get_current_epoch: () => EPOCH,
  get_fee_rate_statistics: () => ({ mean: '0x3e8', median: '0x3e8' }),
  estimate_fee_rate: () => '0x3e8',
  tx_pool_info: () => null,
  get_live_cell: ([outPoint, withData]) => liveCell(ledger, outPoint, withData),
  get_transaction: ([hash]) => transactionByHash(ledger, hash),
  send_transaction: ([transaction]) => ledger.send(transaction),
  get_cells: ([search, order, limit, after]) => cellsOf(ledger, search, order, limit, after),
  get_cells_capacity: ([search]) => capacityOf(ledger, search),
  get_transactions: ([search, order, limit]) => transactionsOf(ledger, search, order, limit),
});

/** Starts the chain. Returns its URL, `mine(blocks)`, `summary()` and `stop()`. */
export async function startStubChain({ port = 0, blockMilliseconds = 400, log = () => {} } = {}) {
  const ledger = new Ledger();
  const methods = methodsOf(ledger);
  const calls = new Map();

  const answer = (request) => {
    const envelope = { jsonrpc: '2.0', id: request.id };
    calls.set(request.method, (calls.get(request.method) ?? 0) + 1);
    const method = methods[request.method];
    if (!method) {
      log('unknown method', request.method, JSON.stringify(request.params));
      return { ...envelope, error: { code: -32601, message: 'Method not found' } };
    }
    try {
      return { ...envelope, result: method(request.params ?? []) };
    } catch (error) {
      log('failed', request.method, error.message);
      return { ...envelope, error: { code: error.code ?? -32000, message: error.message } };
    }
  };

  const server = http.createServer(async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    try {
      const body = JSON.parse(await bodyOf(request));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(Array.isArray(body) ? body.map(answer) : answer(body)));
    } catch {
      response.writeHead(400).end();
    }
  });

  const boundPort = await listen(server, port);
  const blocks = setInterval(() => ledger.tip++, blockMilliseconds);
  return {
    url: `http://127.0.0.1:${boundPort}/`,
    mine: (count) => { ledger.tip += count; },
    summary: () => ({ tip: ledger.tip, transactions: ledger.transactions.size, calls: Object.fromEntries(calls) }),
    stop: () => {
      clearInterval(blocks);
      server.close();
      server.closeAllConnections();
    },
  };
}
