import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeProcess } from '../../processes/node-process.js';
import { until } from '../../waiting.js';
import { judgeNumbers, type NumbersReport, type Taken } from './taken.js';

export interface TakersOptions {
  readonly redisUrl: string;
  /** Numbers of all processes together. */
  readonly numbers: number;
  readonly seed: number;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const processes = 2;
const startWithinMs = 60_000;
const withinMs = 300_000;

/** Lets two processes take numbers from one Redis at the same time. */
export async function runTakers(options: TakersOptions): Promise<NumbersReport> {
  const { redisUrl, numbers, seed, folder, signal } = options;
  const outs = Array.from({ length: processes }, (_, at) => join(folder, `numbers-${at + 1}.json`));
  const share = Math.ceil(numbers / processes);
  const takers = outs.map(
    (out, at) =>
      new NodeProcess({
        ...{ name: `taker-${at + 1}`, entry: 'trials/chaos/work/numbers/taker.js', preloads: [] },
        ...{ args: [redisUrl, String(share), String(seed), out], variables: {} },
        logPath: join(folder, 'logs', `taker-${at + 1}.log`),
      }),
  );
  try {
    let ready = 0;
    await Promise.all(takers.map((taker) => taker.start(() => (ready += 1))));
    await until('both processes are ready', { withinMs: startWithinMs, signal }, () =>
      Promise.resolve(ready === processes || undefined),
    );
    for (const taker of takers) taker.say('begin');
    await until('both processes have their numbers', { withinMs, everyMs: 50, signal }, () =>
      Promise.resolve(takers.every(({ pid }) => pid === undefined) || undefined),
    );
    return judgeNumbers(await Promise.all(outs.map(readTaken)));
  } finally {
    await Promise.all(takers.map((taker) => taker.kill()));
  }
}

const readTaken = async (path: string) => JSON.parse(await readFile(path, 'utf8')) as Taken[];
