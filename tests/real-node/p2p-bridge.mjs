// Joins two nodes that can only dial out. Towards each node the bridge plays the other one (it holds both test keys)
// and pipes their sub-streams /p2p/42 (fiber) and /p2p/43 (gossip) into each other. For tests on loopback only.
import { secp256k1 } from '@noble/curves/secp256k1';
import { sha256 } from '@noble/hashes/sha256';
import { WebSocketServer } from 'ws';
import { PeerConnection } from './p2p-connection.mjs';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const SHA256_MULTIHASH = [0x12, 0x20];

/** The peer id of a secret key: base58 of the multihash of its public key. */
function peerId(secretKey) {
  const multihash = Buffer.from([...SHA256_MULTIHASH, ...sha256(secp256k1.getPublicKey(secretKey, true))]);
  let number = BigInt('0x' + multihash.toString('hex'));
  let text = '';
  while (number > 0n) {
    text = BASE58[Number(number % 58n)] + text;
    number /= 58n;
  }
  return text;
}

async function acceptOn(port, onSocket) {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  server.on('connection', onSocket);
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return server;
}

/** Starts the bridge. `keys` are the secret keys of both nodes. Returns the addresses to dial, `drop()` and `stop()`. */
export async function startBridge({ keys, portForA = 0, portForB = 0, log = () => {} }) {
  const connections = { a: new Set(), b: new Set() };

  // A duplicate dial is closed by the node before it opens a sub-stream, so only connections that have one are paired.
  const pair = (connection, others) => {
    const partner = [...others].find((other) => !other.partner && other.opened.size && other.isOpen);
    if (partner) {
      connection.partner = partner;
      partner.partner = connection;
    }
  };

  const onStream = (others) => (stream) => {
    const connection = stream.connection;
    connection.opened.set(stream.protocol, stream);
    if (!connection.partner) {
      pair(connection, others);
    }
    for (const [protocol, opened] of connection.opened) {
      const counterpart = connection.partner?.opened.get(protocol);
      if (counterpart) {
        opened.link(counterpart);
      }
    }
  };

  const accept = (name, ours, others, secretKey) => (socket) => {
    const connection = new PeerConnection(socket, { name, secretKey, onStream: onStream(others), log });
    ours.add(connection);
    socket.on('error', (error) => log(name, 'socket failed:', error.message));
    socket.on('close', () => {
      log(name, 'disconnected');
      ours.delete(connection);
      connection.partner?.close();
    });
  };

  const forA = await acceptOn(portForA, accept('A', connections.a, connections.b, keys.b));
  const forB = await acceptOn(portForB, accept('B', connections.b, connections.a, keys.a));
  const drop = () => [...connections.a, ...connections.b].forEach((connection) => connection.close());
  const address = (server, secretKey) => `/ip4/127.0.0.1/tcp/${server.address().port}/ws/p2p/${peerId(secretKey)}`;
  return {
    addressOfBForA: address(forA, keys.b),
    addressOfAForB: address(forB, keys.a),
    drop,
    stop: () => {
      drop();
      forA.close();
      forB.close();
    },
  };
}
