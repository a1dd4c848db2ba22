import { assert } from '@nexus/core/invariant';
import { type Snapshot } from './entry.js';

/** A part of the image that is to be sent. */
export interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The sending end of a snapshot (Raft, §7): one part at a time, each after the answer to the one before. When nothing moves,
 * an empty part asks how far the receiver is; only its answer may take the transfer back, so that a late or repeated
 * answer sends nothing twice.
 */
export class SnapshotTransfer {
  private offset = 0;
  private asked = false;

  constructor(
    readonly snapshot: Snapshot,
    private readonly chunkBytes: number,
  ) {
    assert(chunkBytes > 0, 'a part of a snapshot has bytes');
  }

  get totalBytes(): number {
    return this.snapshot.image.length;
  }

  /** The part that is under way. */
  part(): Part {
    const { offset } = this;
    return { offset, bytes: this.snapshot.image.subarray(offset, offset + this.chunkBytes) };
  }

  /** Nothing came back: an empty part, to be answered by how far the receiver is. */
  ask(): Part {
    this.asked = true;
    return { offset: this.offset, bytes: new Uint8Array(0) };
  }

  /** @returns whether there is a part to send now */
  onProgress(nextOffset: number): boolean {
    if (nextOffset >= this.totalBytes) return false;
    if (nextOffset <= this.offset && !this.asked) return false;
    this.asked = false;
    this.offset = nextOffset;
    return true;
  }
}
