// Molecule, the encoding of CKB's consensus types and of the peer protocol's messages, and the hashes taken over it.
import { blake2b } from '@noble/hashes/blake2b';

const HASH_TYPES = { data: 0, type: 1, data1: 2, data2: 4 };

export const concat = Buffer.concat;
export const fromHex = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex');
export const toHex = (bytes) => '0x' + Buffer.from(bytes).toString('hex');
export const quantity = (number) => '0x' + BigInt(number).toString(16);

export function u32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(number));
  return bytes;
}

export function u64(number) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(number));
  return bytes;
}

/** A table or a vector of items of any size: total size, the offset of each part, the parts. */
export function table(parts) {
  const offsets = [];
  let offset = 4 + 4 * parts.length;
  for (const part of parts) {
    offsets.push(u32(offset));
    offset += part.length;
  }
  return concat([u32(offset), ...offsets, ...parts]);
}

/** The parts of what `table` wrote; it must have at least one. */
export function untable(bytes) {
  const count = bytes.readUInt32LE(4) / 4 - 1;
  const offsets = Array.from({ length: count }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  offsets.push(bytes.readUInt32LE(0));
  return offsets.slice(0, count).map((offset, i) => bytes.subarray(offset, offsets[i + 1]));
}

/** Items of one size. */
export const fixedVector = (items) => concat([u32(items.length), ...items]);

/** Bytes with their length in front. */
export const byteVector = (bytes) => concat([u32(bytes.length), bytes]);
export const unbyteVector = (bytes) => bytes.subarray(4);

const script = (s) => table([fromHex(s.code_hash), Buffer.from([HASH_TYPES[s.hash_type]]), byteVector(fromHex(s.args))]);
const outPoint = (o) => concat([fromHex(o.tx_hash), u32(o.index)]);
const cellDep = (d) => concat([outPoint(d.out_point), Buffer.from([d.dep_type === 'dep_group' ? 1 : 0])]);
const input = (i) => concat([u64(i.since), outPoint(i.previous_output)]);
const output = (o) => table([u64(o.capacity), script(o.lock), o.type ? script(o.type) : Buffer.alloc(0)]);
const tableOrEmpty = (parts) => (parts.length ? table(parts) : u32(4));

const rawTransaction = (t) =>
  table([
    u32(t.version),
    fixedVector(t.cell_deps.map(cellDep)),
    fixedVector(t.header_deps.map(fromHex)),
    fixedVector(t.inputs.map(input)),
    tableOrEmpty(t.outputs.map(output)),
    tableOrEmpty(t.outputs_data.map((data) => byteVector(fromHex(data)))),
  ]);

export const ckbHash = (bytes) => toHex(blake2b(bytes, { dkLen: 32, personalization: 'ckb-default-hash' }));
export const scriptHash = (s) => ckbHash(script(s));
export const transactionHash = (t) => ckbHash(rawTransaction(t));
