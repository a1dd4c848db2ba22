import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type Finding, ok } from './finding.js';

/** Whether the folders in which replicas of this machine keep the decision log can be written to. */
export async function inspectLogFolders(dataDir: string): Promise<Finding> {
  const home = join(dataDir, 'consensus');
  const names = await readdir(home).catch((): string[] => []);
  if (names.length === 0) return ok('none is kept here');
  const locked: string[] = [];
  for (const folder of [home, ...names.map((name) => join(home, name))]) {
    const open = await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!open) locked.push(folder);
  }
  if (locked.length === 0) return ok(`${names.sort().join(', ')} in ${home}`);
  return fail(
    `cannot be written to: ${locked.join(', ')}`,
    `give them to the user who runs Nexus: chown -R "$USER" ${home}`,
  );
}
