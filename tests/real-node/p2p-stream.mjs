// A yamux sub-stream of a connection, and what yamux calls its frames and flags.
import { byteVector, concat, table, unbyteVector, untable } from './ckb-molecule.mjs';

export const YAMUX = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 };
export const FLAG = { syn: 1, ack: 2, fin: 4, rst: 8 };
const INITIAL_WINDOW_BYTES = 256 * 1024;

export const textVector = (text) => byteVector(Buffer.from(text));

export function lengthPrefixed(bytes) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return concat([length, bytes]);
}

/** A sub-stream: names its protocol first, then is piped into the sub-stream it is linked to. */
export class SubStream {
  constructor(connection, id) {
    this.connection = connection;
    this.id = id;
    this.protocol = null;
    this.peer = null;
    this.window = INITIAL_WINDOW_BYTES;
    this.negotiation = Buffer.alloc(0);
    this.waitingForWindow = [];
    this.waitingForPeer = [];
  }

  receive(body) {
    if (this.protocol === null) {
      this.negotiate(body);
    } else if (this.peer) {
      this.peer.send(body);
    } else {
      this.waitingForPeer.push(body);
    }
  }

  negotiate(body) {
    this.negotiation = concat([this.negotiation, body]);
    if (this.negotiation.length < 4) {
      return;
    }
    const end = 4 + this.negotiation.readUInt32BE(0);
    if (this.negotiation.length < end) {
      return;
    }
    const [name, versions] = untable(this.negotiation.subarray(4, end));
    const rest = this.negotiation.subarray(end);
    const newest = untable(versions).map((version) => unbyteVector(version).toString()).pop();
    this.protocol = unbyteVector(name).toString();
    this.send(lengthPrefixed(table([textVector(this.protocol), table([textVector(newest)])])));
    this.connection.log(this.connection.name, 'opened sub-stream', this.protocol, newest);
    if (rest.length) {
      this.waitingForPeer.push(Buffer.from(rest));
    }
    this.connection.onStream(this);
  }

  link(other) {
    if (this.peer || other.peer) {
      return;
    }
    this.peer = other;
    other.peer = this;
    this.waitingForPeer.splice(0).forEach((bytes) => other.send(bytes));
    other.waitingForPeer.splice(0).forEach((bytes) => this.send(bytes));
    this.connection.log('joined', this.protocol);
  }

  unlink() {
    const other = this.peer;
    if (other) {
      this.peer = null;
      other.peer = null;
      other.connection.writeYamux(YAMUX.windowUpdate, FLAG.fin, other.id, 0);
    }
  }

  widen(bytes) {
    this.window += bytes;
    this.pump();
  }

  send(bytes) {
    this.waitingForWindow.push(bytes);
    this.pump();
  }

  pump() {
    while (this.waitingForWindow.length && this.window > 0) {
      const bytes = this.waitingForWindow.shift();
      const now = bytes.subarray(0, this.window);
      if (now.length < bytes.length) {
        this.waitingForWindow.unshift(bytes.subarray(now.length));
      }
      this.window -= now.length;
      this.connection.writeYamux(YAMUX.data, 0, this.id, now.length, now);
    }
  }
}
