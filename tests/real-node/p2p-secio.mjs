// The keys and frames of secio, the handshake of Fiber's peer protocol, with ChaCha20-Poly1305.
import crypto from 'node:crypto';
import { concat } from './ckb-molecule.mjs';

const CIPHER = 'chacha20-poly1305';
const TAG_BYTES = 16;
const IV_BYTES = 12;
const CIPHER_KEY_BYTES = 32;
const MAC_KEY_BYTES = 20;

/** Stretches the shared secret into the two directions' keys; which half is ours follows from the order. */
export function stretchKeys(sharedSecret, order) {
  const hmac = (...parts) => parts.reduce((mac, part) => mac.update(part), crypto.createHmac('sha256', sharedSecret)).digest();
  const half = IV_BYTES + CIPHER_KEY_BYTES + MAC_KEY_BYTES;
  let material = Buffer.alloc(0);
  let round = hmac('key expansion');
  while (material.length < 2 * half) {
    material = concat([material, hmac(round, 'key expansion')]);
    round = hmac(round);
  }
  const cipherKey = (start) => material.subarray(start + IV_BYTES, start + IV_BYTES + CIPHER_KEY_BYTES);
  return order < 0 ? { ours: cipherKey(half), theirs: cipherKey(0) } : { ours: cipherKey(0), theirs: cipherKey(half) };
}

/** A ChaCha20-Poly1305 key with its counter, which grows before each frame. */
export class FrameCipher {
  constructor(key) {
    this.key = key;
    this.counter = Buffer.alloc(IV_BYTES);
  }

  nextNonce() {
    for (let i = 0; i < this.counter.length; i++) {
      this.counter[i] = (this.counter[i] + 1) & 0xff;
      if (this.counter[i] !== 0) {
        break;
      }
    }
    return this.counter;
  }

  seal(bytes) {
    const cipher = crypto.createCipheriv(CIPHER, this.key, this.nextNonce(), { authTagLength: TAG_BYTES });
    return concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  open(frame) {
    const decipher = crypto.createDecipheriv(CIPHER, this.key, this.nextNonce(), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(frame.subarray(frame.length - TAG_BYTES));
    return concat([decipher.update(frame.subarray(0, frame.length - TAG_BYTES)), decipher.final()]);
  }
}
