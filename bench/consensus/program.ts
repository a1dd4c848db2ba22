import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { programPath } from '../bench.config.js';

const systemFolders = ['/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Where a program is, if it is anywhere. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...programPath().split(delimiter), ...systemFolders]) {
    const path = join(folder, name);
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && runs) return path;
  }
  return undefined;
}
