import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NexusClient } from '@nexus/sdk';
import { AcknowledgedPuts } from './support/acknowledged-puts.js';
import { FailingFlush } from './support/failing-flush.js';
import { prefix, ReplicaTrio } from './support/replica-trio.js';
import { type Ended, startProcess } from './support/service-process.js';

// Three replicas, each a process, and disks that are full, that fail, that forget. One group goes through all of it.

/** Of a process whose replica ended for good. */
const replicaFailedCode = 70;

const flushes = FailingFlush.build();
if (flushes === undefined) {
  process.stderr.write('left out: a disk that fails to flush; it takes Linux and a C compiler\n');
}

let trio: ReplicaTrio;
let client: NexusClient;
let puts: AcknowledgedPuts;

const logOf = (replicaId: string) => join(trio.logFolder(replicaId), 'log.mdb');

/** Where a replica was in its log when it began to take part. */
const beganAt = (replicaId: string): number =>
  Number(/takes part as \S+, log up to (\d+)/.exec(trio.output(replicaId))?.[1]);

/** The last words of a replica that ended for good. */
function lastWords({ code, stdout }: Ended): string {
  expect(code).toBe(replicaFailedCode);
  const lines = stdout.split('\n').filter((line) => line.includes('the replica stops for good'));
  expect(lines).toEqual([expect.stringContaining('"level":"fatal"')]);
  return lines[0]!;
}

/** Changes a byte in the middle of the file, in a value that a record of the log holds. */
async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.findLastIndex((byte) => byte !== 0) >> 1;
  const at = middle + bytes.toString('latin1', middle).search(/[0-9a-f]{4096}/);
  const file = await open(path, 'r+');
  await file.write(Buffer.of(bytes[at]! ^ 1), 0, 1, at);
  await file.close();
}

beforeAll(async () => {
  // Brings the build up to date before anything of it runs.
  await startProcess({ args: ['scripts/nexus.mjs', '--version'], env: {} }).ended;
  trio = await ReplicaTrio.start((replicaId) => flushes?.environmentOf(replicaId) ?? {});
  client = await NexusClient.connect({ servers: trio.natsUrl, userId: 'e2e', prefix });
  await trio.whole();
  puts = new AcknowledgedPuts(client);
  await puts.more(40);
}, 300_000);

afterAll(async () => {
  await client?.close();
  await trio?.end();
  flushes?.remove();
}, 60_000);

describe('a group of replicas', () => {
  it('goes on without the one whose disk is full, which catches up from its own log once there is room', async () => {
    const full = await trio.follower();
    const { storeId } = await trio.statusOf(full);
    await trio.stop(full);
    const { size } = await stat(logOf(full));
    const limited = trio.run(full, { fileBytesMax: size });
    await trio.whole();
    await puts.until(`${full} ends`, () => limited.child.exitCode !== null, 60_000);
    expect(lastWords(await limited.ended)).toContain(
      `the log in ${trio.logFolder(full)} cannot be written: EFBIG: file too large`,
    );
    await puts.more(20);

    const before = beganAt(full);
    trio.run(full);
    await trio.whole();
    expect(beganAt(full)).toBeGreaterThan(before);
    expect((await trio.statusOf(full)).storeId).toBe(storeId);
    expect(await puts.lostBy((key) => trio.heldBy(full, key))).toEqual([]);
  }, 180_000);

  it('goes on without the one whose log is damaged, which comes back as a new member without it', async () => {
    const hurt = await trio.follower();
    const { storeId } = await trio.statusOf(hurt);
    await trio.stop(hurt);
    await damage(logOf(hurt));
    trio.run(hurt);
    const { code, stderr } = await trio.ended(hurt);
    expect(code).toBe(1);
    expect(stderr).toContain(`the log in ${trio.logFolder(hurt)} is damaged: `);
    expect(stderr).toContain('move the directory away and start again');
    await puts.more(20);

    await rename(trio.logFolder(hurt), `${trio.logFolder(hurt)}.damaged`);
    trio.run(hurt);
    await trio.whole();
    expect((await trio.statusOf(hurt)).storeId).not.toBe(storeId);
    const { replicas } = await client.consensusStatus();
    expect(replicas.map((replica) => replica.storeId)).not.toContain(storeId);
    expect(await puts.lostBy((key) => trio.heldBy(hurt, key))).toEqual([]);
  }, 180_000);

  if (flushes !== undefined) {
    it('goes on without its leader, whose disk fails to flush, once', async () => {
      const { leader } = await trio.whole();
      const { storeId } = await trio.statusOf(leader);
      await flushes.order(leader);
      await puts.until(`a flush of ${leader} fails`, () => flushes.hasFailed(leader));
      await puts.more(20);
      expect(lastWords(await trio.ended(leader))).toContain(
        `the log in ${trio.logFolder(leader)} cannot be written: Input/output error`,
      );
      expect((await client.consensusStatus()).leader).not.toBe(leader);

      trio.run(leader);
      await trio.whole();
      expect((await trio.statusOf(leader)).storeId).toBe(storeId);
      expect(await puts.lostBy((key) => trio.heldBy(leader, key))).toEqual([]);
    }, 180_000);
  }

  it('has lost nothing that it ever acknowledged', async () => {
    expect(puts.keys.length).toBeGreaterThan(100);
    expect(await puts.lostBy(async (key) => (await client.read(key)).value)).toEqual([]);
  }, 120_000);
});
