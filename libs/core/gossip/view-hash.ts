// What a member knows of everybody's versions, as one number. It is a sum over the members, so that a change costs the
// same however many there are, and the order in which changes came leaves no trace. Two lanes of 32 bits; 53 bits travel.

/** One lane of the hash of something, as a signed 32-bit integer. */
type Lane = number;

export interface IdHash {
  readonly low: Lane;
  readonly high: Lane;
}

/** Spreads every bit over all others (the finalizer of MurmurHash3). */
const mix = (lane: Lane): Lane => {
  let mixed = lane ^ (lane >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
};

const hashText = (text: string, start: Lane): Lane => {
  let hash = start;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
};

export const hashId = (id: string): IdHash => ({
  low: hashText(id, 0x811c9dc5 | 0),
  high: hashText(id, 0x9e3779b9 | 0),
});

/** Said where there is none to say; no view has it but by a chance of one in 2⁵³. */
export const noViewHash = 0;

const twoTo32 = 2 ** 32;

/** What one member adds to a lane. */
const termOf = (id: Lane, generation: number, version: number): Lane => {
  let term = mix(id ^ (generation | 0));
  term = mix((term + Math.floor(generation / twoTo32)) | 0);
  term = mix(term ^ (version | 0));
  return mix((term + Math.floor(version / twoTo32)) | 0);
};

/** Over (id, generation, version) of a set of members. */
export class ViewHash {
  private low: Lane = 0;
  private high: Lane = 0;

  add(id: IdHash, generation: number, version: number): void {
    this.low = (this.low + termOf(id.low, generation, version)) | 0;
    this.high = (this.high + termOf(id.high, generation, version)) | 0;
  }

  remove(id: IdHash, generation: number, version: number): void {
    this.low = (this.low - termOf(id.low, generation, version)) | 0;
    this.high = (this.high - termOf(id.high, generation, version)) | 0;
  }

  /** A safe integer. */
  get value(): number {
    return ((this.high >>> 0) & 0x1fffff) * twoTo32 + (this.low >>> 0);
  }
}
