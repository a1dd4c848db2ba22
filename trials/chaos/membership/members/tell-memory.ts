// Loaded into every member before its entry point: tells the trial what the process holds. It is looked at right after a
// full collection, since between two collections a heap fills up as it likes, by several times of what is held.
import { tell } from './news.js';

const everyMs = 20_000;

const { gc } = globalThis;
if (gc === undefined) throw new Error('a member is started with --expose-gc');

// Not all members at the same moment.
setTimeout(() => {
  setInterval(() => {
    gc();
    const { rss: residentBytes, heapUsed: heapBytes } = process.memoryUsage();
    tell({ kind: 'memory', atMs: Date.now(), residentBytes, heapBytes });
  }, everyMs).unref();
}, Math.random() * everyMs).unref();
