/*
 * FNV-1a tells texts apart but leaves neighbours close; the finalizer of MurmurHash3 (Appleby, public domain) scatters
 * them, so that the result may be used as a place on a ring.
 */
const two32 = 2 ** 32;

/** Scatters 32 bits: each bit of the input flips about half of the output. */
export function scatter(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85eb_ca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * The hash of an affinity key: 32 bits, equal in every process.
 * @param key any text; what has the same key goes to the same agent
 */
export function hashOf(key: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193);
  return scatter(hash);
}

/** The `index`-th of many numbers that follow from a hash, in [0, 1). */
export const fractionOf = (hash: number, index: number): number =>
  scatter(hash + Math.imul(index + 1, 0x9e37_79b9)) / two32;
