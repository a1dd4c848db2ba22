/** Between two readings of a process, which has a full collection before each. */
export const toldEveryMs = 20_000;
