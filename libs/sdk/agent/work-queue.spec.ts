import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from './work-queue.js';

/** A queue whose items end when the test says so. */
function queueOf(activeMax: number, waitingMax: number) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new WorkQueue<string>({ activeMax, waitingMax }, (item) => {
    started.push(item);
    return new Promise((resolve) => ends.set(item, resolve));
  });
  const end = async (item: string) => {
    ends.get(item)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, end };
}

describe('WorkQueue', () => {
  it('runs a bounded number, keeps a bounded number waiting, and turns the rest away', () => {
    const { queue, started } = queueOf(2, 1);
    expect(['a', 'b', 'c', 'd'].map((item) => queue.offer(item))).toEqual([true, true, true, false]);
    expect(started).toEqual(['a', 'b']);
    expect([queue.active, queue.waiting]).toEqual([2, 1]);
  });

  it('starts what waits in the order in which it came', async () => {
    const { queue, started, end } = queueOf(1, 2);
    ['a', 'b', 'c'].forEach((item) => queue.offer(item));
    await end('a');
    await end('b');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('is idle once nothing runs and nothing waits', async () => {
    const { queue, end } = queueOf(1, 1);
    await queue.whenIdle();
    queue.offer('a');
    queue.offer('b');
    let idle = false;
    const whenIdle = queue.whenIdle().then(() => (idle = true));
    await end('a');
    expect(idle).toBe(false);
    await end('b');
    await whenIdle;
    expect(queue.active).toBe(0);
  });

  it('gives back what waits', () => {
    const { queue } = queueOf(1, 5);
    ['a', 'b', 'c'].forEach((item) => queue.offer(item));
    expect(queue.takeWaiting((item) => item === 'c')).toEqual(['c']);
    expect(queue.takeWaiting()).toEqual(['b']);
    expect(queue.waiting).toBe(0);
  });

  it('starts nothing while it is held, and takes in no more than it would otherwise', () => {
    const { queue, started } = queueOf(1, 1);
    queue.hold();
    expect(['a', 'b', 'c'].map((item) => queue.offer(item))).toEqual([true, true, false]);
    expect(started).toEqual([]);
    queue.release();
    expect(started).toEqual(['a']);
    expect(queue.waiting).toBe(1);
  });

  it('takes none to wait when none may', () => {
    const { queue } = queueOf(1, 0);
    expect([queue.offer('a'), queue.offer('b')]).toEqual([true, false]);
  });
});
