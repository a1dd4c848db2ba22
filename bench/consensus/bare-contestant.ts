import { join } from 'node:path';
import { Child } from '../processes/child.js';
import { type Contestant, firstFailure, type Ground, stopAll } from './contestant.js';
import { driveChild, whenReady } from './drive.js';

const entry = 'bench/consensus/bare-replica.js';

/** The loop that the others are compared with. */
export async function startBareLoop({ natsUrl, folder }: Ground): Promise<Contestant> {
  const follower = (name: string) =>
    new Child({ name: `bare ${name}`, entry, args: [natsUrl, join(folder, `${name}.mdb`), name] });
  const followers = ['first', 'second'];
  const followed = followers.map(follower);
  await Promise.all(followed.map(whenReady));
  const args = [natsUrl, join(folder, 'leader.mdb'), 'leader', ...followers];
  const leader = new Child({ name: 'bare leader', entry, args });
  await whenReady(leader);
  const parts = [leader, ...followed];
  return {
    name: 'bare loop',
    measure: (load) => driveChild(leader, load),
    failed: firstFailure(parts),
    stop: () => stopAll(parts),
  };
}
