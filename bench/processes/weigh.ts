// Loaded into a child that is weighed, before its entry point. It is looked at right after a full collection, since
// between two collections a heap fills up as it likes, by several times of what is held.

export interface WeighOrder {
  readonly weigh: true;
}

export interface Weight {
  /** Heap and buffers, in bytes. */
  readonly heldBytes: number;
}

process.on('message', (message) => {
  if ((message as Partial<WeighOrder>).weigh !== true) return;
  // What a finalizer of the first lets go of is collected by the second.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const weight: Weight = { heldBytes: heapUsed + external };
  process.send?.(weight);
});
process.channel?.unref();
