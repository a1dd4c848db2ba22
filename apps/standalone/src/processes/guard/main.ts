import { setTimeout as pause } from 'node:timers/promises';
import { NexusError } from '@nexus/contracts';
import { DataDirLock, isAlive, sweepOrphans } from '@nexus/platform/servers';

// Stays beside a stack of processes, and ends them in its stead when it is gone without having done so itself: a
// SIGKILL reaches no handler. The channel to the stack closes with it, however it ends.

const [dataDir = '', ownerPid = ''] = process.argv.slice(2);
const ownerTimeoutMs = 10_000;
const pollMs = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Closed by the system a moment before the process counts as ended. */
async function ownerEnded(): Promise<boolean> {
  const deadline = performance.now() + ownerTimeoutMs;
  while (await isAlive(Number(ownerPid))) {
    if (performance.now() > deadline) return false;
    await pause(pollMs);
  }
  return true;
}

async function sweep(): Promise<void> {
  if (!(await ownerEnded())) return;
  try {
    const lock = await DataDirLock.take(dataDir);
    await sweepOrphans(dataDir, say);
    await lock.release();
  } catch (error) {
    // A new run has the directory: it has swept already.
    if (NexusError.from(error).code !== 'conflict') throw error;
  }
}

if (process.connected) await new Promise((resolve) => process.once('disconnect', resolve));
await sweep();
