// One WebSocket from a node, spoken to as its peer would: secio (X25519, ChaCha20-Poly1305, SHA256) for secrecy,
// yamux (as the server) for sub-streams.
import crypto from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { sha256 as nobleSha256 } from '@noble/hashes/sha256';
import { byteVector, concat, table, u32, unbyteVector, untable } from './ckb-molecule.mjs';
import { FrameCipher, stretchKeys } from './p2p-secio.mjs';
import { FLAG, lengthPrefixed, SubStream, textVector, YAMUX } from './p2p-stream.mjs';

const NONCE_BYTES = 16;
const YAMUX_HEADER_BYTES = 12;

const sha256 = (bytes) => Buffer.from(nobleSha256(bytes));

export class PeerConnection {
  /** `secretKey` is the key of the peer this connection plays; `onStream` hears of each sub-stream that named its protocol. */
  constructor(socket, { name, secretKey, onStream, log }) {
    Object.assign(this, { socket, name, secretKey, onStream, log });
    this.received = Buffer.alloc(0);
    this.plain = Buffer.alloc(0);
    this.streams = new Map();
    this.opened = new Map();
    this.partner = null;
    this.handleFrame = this.acceptProposal;
    socket.on('message', (data) => {
      try {
        this.feed(Buffer.from(data));
      } catch (error) {
        log(name, 'connection failed:', error);
        socket.close();
      }
    });
    this.propose();
  }

  get isOpen() {
    return this.socket.readyState === 1;
  }

  close() {
    this.socket.close();
  }

  sendFrame(bytes) {
    this.socket.send(lengthPrefixed(bytes));
  }

  feed(data) {
    this.received = concat([this.received, data]);
    while (this.received.length >= 4) {
      const end = 4 + this.received.readUInt32BE(0);
      if (this.received.length < end) {
        return;
      }
      const frame = Buffer.from(this.received.subarray(4, end));
      this.received = this.received.subarray(end);
      this.handleFrame(frame);
    }
  }

  // Secio: both propose, both exchange signed ephemeral keys, each echoes the other's nonce under the new keys.

  propose() {
    this.publicKey = Buffer.from(secp256k1.getPublicKey(this.secretKey, true));
    this.nonce = crypto.randomBytes(NONCE_BYTES);
    const taggedKey = concat([u32(0), byteVector(this.publicKey)]);
    this.proposal = table([
      byteVector(this.nonce),
      byteVector(taggedKey),
      textVector('X25519'),
      textVector('CHACHA20_POLY1305'),
      textVector('SHA256'),
    ]);
    this.sendFrame(this.proposal);
  }

  acceptProposal(frame) {
    const [nonce, taggedKey] = untable(frame).map(unbyteVector);
    this.theirNonce = Buffer.from(nonce);
    this.theirPublicKey = Buffer.from(taggedKey.subarray(8));
    this.order = Buffer.compare(
      sha256(concat([this.theirPublicKey, this.nonce])),
      sha256(concat([this.publicKey, this.theirNonce])),
    );
    this.ephemeralKey = crypto.randomBytes(32);
    const ephemeralPublicKey = Buffer.from(x25519.getPublicKey(this.ephemeralKey));
    const digest = sha256(concat([this.proposal, frame, ephemeralPublicKey]));
    const signature = Buffer.from(secp256k1.sign(digest, this.secretKey).toDERRawBytes());
    this.sendFrame(table([byteVector(ephemeralPublicKey), byteVector(signature)]));
    this.handleFrame = this.acceptExchange;
  }

  acceptExchange(frame) {
    const [theirEphemeralKey] = untable(frame).map(unbyteVector);
    const keys = stretchKeys(x25519.getSharedSecret(this.ephemeralKey, theirEphemeralKey), this.order);
    this.outgoing = new FrameCipher(keys.ours);
    this.incoming = new FrameCipher(keys.theirs);
    this.write(this.theirNonce);
    this.handleFrame = this.acceptNonce;
  }

  acceptNonce(frame) {
    this.plain = concat([this.plain, this.incoming.open(frame)]);
    if (this.plain.length < NONCE_BYTES) {
      return;
    }
    if (!this.plain.subarray(0, NONCE_BYTES).equals(this.nonce)) {
      throw new Error('the node echoed a wrong nonce');
    }
    this.plain = this.plain.subarray(NONCE_BYTES);
    this.log(this.name, 'secure channel with', this.theirPublicKey.toString('hex'));
    this.handleFrame = this.acceptData;
    this.readYamux();
  }

  acceptData(frame) {
    this.plain = concat([this.plain, this.incoming.open(frame)]);
    this.readYamux();
  }

  write(bytes) {
    this.sendFrame(this.outgoing.seal(bytes));
  }

  // Yamux.

  writeYamux(type, flags, streamId, length, body = Buffer.alloc(0)) {
    const header = Buffer.alloc(YAMUX_HEADER_BYTES);
    header[1] = type;
    header.writeUInt16BE(flags, 2);
    header.writeUInt32BE(streamId, 4);
    header.writeUInt32BE(length, 8);
    this.write(concat([header, body]));
  }

  readYamux() {
    while (this.plain.length >= YAMUX_HEADER_BYTES) {
      const type = this.plain[1];
      const flags = this.plain.readUInt16BE(2);
      const streamId = this.plain.readUInt32BE(4);
      const length = this.plain.readUInt32BE(8);
      const end = YAMUX_HEADER_BYTES + (type === YAMUX.data ? length : 0);
      if (this.plain.length < end) {
        return;
      }
      const body = Buffer.from(this.plain.subarray(YAMUX_HEADER_BYTES, end));
      this.plain = this.plain.subarray(end);
      this.handleYamux(type, flags, streamId, length, body);
    }
  }

  handleYamux(type, flags, streamId, length, body) {
    if (type === YAMUX.ping) {
      if (flags & FLAG.syn) {
        this.writeYamux(YAMUX.ping, FLAG.ack, 0, length);
      }
      return;
    }
    if (type === YAMUX.goAway) {
      this.log(this.name, 'said goodbye', length);
      return;
    }
    if (flags & FLAG.syn) {
      this.streams.set(streamId, new SubStream(this, streamId));
      this.writeYamux(YAMUX.windowUpdate, FLAG.ack, streamId, 0);
    }
    const stream = this.streams.get(streamId);
    if (!stream) {
      return;
    }
    if (type === YAMUX.windowUpdate) {
      stream.widen(length);
    } else if (type === YAMUX.data && body.length) {
      this.writeYamux(YAMUX.windowUpdate, 0, streamId, body.length);
      stream.receive(body);
    }
    if (flags & (FLAG.fin | FLAG.rst)) {
      this.log(this.name, 'closed sub-stream', stream.protocol);
      this.streams.delete(streamId);
      stream.unlink();
    }
  }
}
