import { Buffer } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';

/** The file grows in steps of this, and begins to while this much is left. */
const stepBytes = 1_024 * 1_024;
const blockBytes = 64 * 1_024;
const zeros = Buffer.alloc(stepBytes);

/**
 * Disk space for a file, taken before it is needed. LMDB does not survive a disk that is full: it formats a message into
 * a buffer that is too small for it, and the process ends by a signal, or worse, goes on. So the file is made longer
 * here, by zeros at its end, and a full disk is an error of ours, before LMDB has begun its transaction.
 */
export class FileSpace {
  /** What may be in use: what was, and the most that every transaction since may have added. */
  private taken = Number.POSITIVE_INFINITY;
  private growth: Promise<void> | null = null;

  private constructor(
    private readonly handle: FileHandle,
    private length: number,
    private readonly usedBytes: () => number,
  ) {}

  /** @param usedBytes asks LMDB; only now and then, for it takes its time */
  static async of(path: string, usedBytes: () => number): Promise<FileSpace> {
    // At the end only: whatever is in the file is never written over.
    const handle = await open(path, 'a');
    const { size } = await handle.stat();
    return new FileSpace(handle, size, usedBytes);
  }

  /**
   * Makes room for a transaction that adds this many bytes, and ahead of the next ones.
   * @returns null when there is room; otherwise resolves when there is, or rejects with the system's error when there
   *   cannot be any
   */
  provide(bytes: number): Promise<void> | null {
    this.taken += bytes;
    if (this.taken + stepBytes <= this.length) return null;
    this.taken = this.usedBytes() + bytes;
    if (this.taken > this.length) return this.grow();
    this.growAhead();
    return null;
  }

  async close(): Promise<void> {
    await this.growth;
    await this.handle.close();
  }

  private async grow(): Promise<void> {
    await this.growth;
    await this.growTo(this.taken);
    this.growAhead();
  }

  /** A failure is no news yet: what is there may last, and who runs out of it tries again. */
  private growAhead(): void {
    if (this.taken + stepBytes <= this.length) return;
    this.growth ??= this.growTo(this.taken + 2 * stepBytes)
      .catch(() => undefined)
      .finally(() => (this.growth = null));
  }

  private async growTo(bytes: number): Promise<void> {
    this.length = (await this.handle.stat()).size;
    while (this.length < bytes) {
      // As few calls as can be: each waits for a turn of a loop that may be busy.
      const { bytesWritten } = await this.handle.write(zeros);
      this.length += bytesWritten;
    }
  }
}

/** Leaves an empty file behind, in a place where as many bytes would fit. */
export async function probeSpace(path: string, bytes: number): Promise<void> {
  const handle = await open(path, 'w');
  try {
    for (let written = 0; written < bytes; written += blockBytes) {
      await handle.appendFile(zeros.subarray(0, blockBytes));
    }
    await handle.truncate();
  } finally {
    await handle.close();
  }
}

/** Gives a file at least one block of zeros that is really on the disk, for who maps it and then writes. */
export async function fillBlock(path: string): Promise<void> {
  const handle = await open(path, 'a');
  try {
    if ((await handle.stat()).size === 0) await handle.appendFile(zeros.subarray(0, blockBytes));
  } finally {
    await handle.close();
  }
}
