import { type SnapshotChunk } from './message.js';

/**
 * The receiving end of a snapshot (Raft, §7): its parts, in order, until it is whole. Parts of another snapshot, or of
 * another leader's image of the same one, start it anew. It holds no more than what came.
 */
export class SnapshotAssembly {
  private key = '';
  private parts: Uint8Array[] = [];
  private received = 0;

  /** Where the next part is to start. */
  get nextOffset(): number {
    return this.received;
  }

  /** @returns the image when this part completes it, else null */
  add(leaderTerm: number, { snapshot, offset, bytes, totalBytes }: SnapshotChunk): Uint8Array | null {
    const key = `${leaderTerm}/${snapshot.index}/${snapshot.term}/${totalBytes}`;
    if (key !== this.key) this.restart(key);
    if (offset === this.received && bytes.length > 0) {
      this.parts.push(bytes);
      this.received += bytes.length;
    }
    if (this.received < totalBytes) return null;
    const image = new Uint8Array(totalBytes);
    let at = 0;
    for (const part of this.parts) {
      image.set(part, at);
      at += part.length;
    }
    this.restart('');
    return image;
  }

  private restart(key: string): void {
    this.key = key;
    this.parts = [];
    this.received = 0;
  }
}
