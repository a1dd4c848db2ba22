// Loaded into the members that are weighed, before its entry point: tells the trial what the process holds. It is looked at right after a
// full collection, since between two collections a heap fills up as it likes, by several times of what is held.
import { toldEveryMs as everyMs } from '../memory/cadence.js';
import { tell } from './news.js';

const { gc } = globalThis;
if (gc === undefined) throw new Error('a member is started with --expose-gc');

// Not all members at the same moment.
setTimeout(() => {
  setInterval(() => {
    gc();
    // What is external has the array buffers in it.
    const { rss: residentBytes, heapUsed, external } = process.memoryUsage();
    tell({ kind: 'memory', atMs: Date.now(), residentBytes, heldBytes: heapUsed + external });
  }, everyMs).unref();
}, Math.random() * everyMs).unref();
