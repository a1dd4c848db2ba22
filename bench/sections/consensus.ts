import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBareLoop } from '../consensus/bare-contestant.js';
import { type Contestant, type Ground } from '../consensus/contestant.js';
import { startEtcd } from '../consensus/etcd-contestant.js';
import { startJetStream } from '../consensus/jetstream-contestant.js';
import { startNexus } from '../consensus/nexus-contestants.js';
import { type GroundContext, ratesOfContenders, type RateTable, type Section } from './section.js';

const inFlights = [1, 64, 256] as const;
/** A disk that was busy a moment ago is not yet idle: longer than for what touches none. */
const measureFactor = 2;
const warmUpFactor = 6;

/** What a commit costs that three processes have flushed, or a majority of them. */
export const consensus: Section = {
  name: 'consensus',
  summary: 'commits of about 110 B by three replicas, against a bare loop, etcd and JetStream',
  on: 'bare ground',
  run: async (context, onTable) => {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-bench-'));
    const contestants: Contestant[] = [];
    try {
      await start(context, folder, contestants);
      const given = [context.givenUp, ...contestants.map(({ failed }) => failed)];
      await Promise.race([warmUp(context, contestants), ...given]);
      for (const inFlight of inFlights) {
        onTable(await Promise.race([rates(context, contestants, inFlight), ...given]));
      }
    } finally {
      await Promise.all(contestants.map((contestant) => contestant.stop()));
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

/** Starts all that this machine has; what was started is in the list also when another one fails. */
async function start(context: GroundContext, folder: string, contestants: Contestant[]): Promise<void> {
  const { natsUrl, progress } = context;
  const begin = async <T>(name: string, starter: (ground: Ground) => Promise<T>): Promise<T> => {
    progress(`consensus: starting ${name}`);
    const own = join(folder, name);
    await mkdir(own);
    return starter({ natsUrl, folder: own });
  };
  contestants.push(await begin('bare-loop', startBareLoop));
  contestants.push(...(await begin('nexus', startNexus)));
  for (const [name, starter] of [
    ['etcd', startEtcd],
    ['jetstream', startJetStream],
  ] as const) {
    const contestant = await begin(name, starter);
    if (contestant) contestants.push(contestant);
    else progress(`consensus: no ${name} here, so none is measured (etcd: apt-get install etcd-server)`);
  }
}

/** What runs for months is measured as it is after minutes, not as it is while its code is being compiled. */
async function warmUp(
  { effort, progress }: GroundContext,
  contestants: readonly Contestant[],
): Promise<void> {
  for (const { name, measure } of contestants) {
    progress(`consensus: warming up ${name}`);
    await measure({
      inFlight: Math.max(...inFlights),
      durationMs: warmUpFactor * effort.measureMs,
      callsMax: warmUpFactor * effort.callsMax,
    });
  }
}

function rates(
  context: GroundContext,
  contestants: readonly Contestant[],
  inFlight: number,
): Promise<RateTable> {
  const { effort } = context;
  const title = `commits, ${inFlight} in flight`;
  const load = {
    inFlight,
    durationMs: measureFactor * effort.measureMs,
    callsMax: measureFactor * effort.callsMax,
  };
  const contenders = contestants.map(({ name, measure }) => ({ name, measure: () => measure(load) }));
  return ratesOfContenders(context, {
    title,
    unit: 'commits/s',
    contenders,
    also: contestants.find(({ name }) => name.startsWith('etcd'))?.name,
  });
}
