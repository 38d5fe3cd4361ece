// What two nodes do together: see each other, lose each other, open channels.
import { sleep } from './loopback.mjs';

const CONNECT_TRIES = 10;
const PEER_POLLS_PER_TRY = 12;
const DISCONNECT_POLLS = 20;
const POLL_MILLISECONDS = 500;
const RETRY_MILLISECONDS = 1500;
const CHANNEL_POLLS = 240;
const REHEARSALS_PER_TRY = 24;
const FUNDING_SHANNONS = 50_000_000_000n;

/** Calls `isDone` until it says yes; false when it never did. */
async function poll(times, isDone) {
  for (let i = 0; i < times; i++) {
    if (await isDone()) {
      return true;
    }
    await sleep(POLL_MILLISECONDS);
  }
  return false;
}

export class NodePair {
  constructor(a, b, bridge, log) {
    Object.assign(this, { a, b, bridge, log });
  }

  async identify() {
    this.pubkeyOfA = (await this.a.call('node_info')).pubkey;
    this.pubkeyOfB = (await this.b.call('node_info')).pubkey;
  }

  async peerCounts() {
    const lists = [await this.a.call('list_peers'), await this.b.call('list_peers')];
    return lists.map((list) => list.peers.length);
  }

  async connectOnce() {
    await Promise.all([
      this.a.call('connect_peer', { address: this.bridge.addressOfBForA }),
      this.b.call('connect_peer', { address: this.bridge.addressOfAForB }),
    ]);
    return poll(PEER_POLLS_PER_TRY, async () => (await this.peerCounts()).every((count) => count > 0));
  }

  async connect() {
    for (let i = 0; i < CONNECT_TRIES; i++) {
      try {
        if (await this.connectOnce() && await this.channelsWork()) {
          return;
        }
      } catch (error) {
        this.log('connecting failed:', error.message);
      }
      this.bridge.drop();
      await sleep(RETRY_MILLISECONDS);
    }
    throw new Error('the nodes did not connect');
  }

  /**
   * Peers that see each other again still have to agree on where their channels stand. Both dial at once, and what was said on the
   * connection that loses is not said again on the other: waiting longer does not help then, dialling anew does.
   */
  async channelsWork() {
    if (await this.readyChannels() === 0) {
      return true;
    }
    const rehearsal = { target_pubkey: this.pubkeyOfB, amount: '0x1', keysend: true, dry_run: true };
    return poll(REHEARSALS_PER_TRY, () => this.a.call('send_payment', rehearsal).then(() => true, () => false));
  }

  async disconnect() {
    const ignore = () => {}; // The other side may have hung up first; the peer lists below are what counts.
    await this.a.call('disconnect_peer', { pubkey: this.pubkeyOfB }).catch(ignore);
    await this.b.call('disconnect_peer', { pubkey: this.pubkeyOfA }).catch(ignore);
    await sleep(POLL_MILLISECONDS);
    this.bridge.drop();
    if (!await poll(DISCONNECT_POLLS, async () => (await this.peerCounts()).every((count) => count === 0))) {
      throw new Error('the nodes did not disconnect');
    }
  }

  async readyChannels() {
    const { channels } = await this.a.call('list_channels', {});
    return channels.filter((channel) => channel.state.state_name === 'ChannelReady').length;
  }

  async openChannel() {
    const before = await this.readyChannels();
    await this.a.call('open_channel', {
      pubkey: this.pubkeyOfB,
      funding_amount: '0x' + FUNDING_SHANNONS.toString(16),
      public: true,
    });
    if (!await poll(CHANNEL_POLLS, async () => await this.readyChannels() > before)) {
      throw new Error('the channel did not become ready');
    }
  }
}
