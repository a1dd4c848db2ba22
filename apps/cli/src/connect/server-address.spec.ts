import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadCliConfig } from '../cli.config.js';
import { findInstallation } from '../session/installation.js';
import { dataDirOf, serverAddress } from './server-address.js';

const installation = findInstallation();
const within = (env: NodeJS.ProcessEnv = {}) => ({ config: loadCliConfig(env), installation });

describe('dataDirOf', () => {
  it('is that of the checkout, wherever the command is run', () => {
    const before = process.cwd();
    try {
      process.chdir('/');
      expect(dataDirOf(within(), {})).toBe(resolve(import.meta.dirname, '../../../../.nexus'));
    } finally {
      process.chdir(before);
    }
  });

  it('is seen from the working directory when the user names it, the option before the variable', () => {
    const surroundings = within({ NEXUS_DATA_DIR: 'data' });
    expect(dataDirOf(surroundings, {})).toBe(resolve('data'));
    expect(dataDirOf(surroundings, { dataDir: '../other' })).toBe(resolve('../other'));
  });
});

describe('serverAddress', () => {
  it('takes the option before the environment, and several servers of a cluster', async () => {
    const surroundings = within({ NEXUS_NATS_URL: 'nats://a:1' });
    expect(await serverAddress(surroundings, { nats: 'b:2, tls://c:3' })).toEqual({
      servers: ['nats://b:2', 'tls://c:3'],
      origin: 'flag',
    });
    expect(await serverAddress(surroundings, {})).toEqual({ servers: ['nats://a:1'], origin: 'environment' });
  });

  it('refuses what is no address', async () => {
    await expect(serverAddress(within(), { nats: 'http://a' })).rejects.toMatchObject({
      code: 'invalid_argument',
    });
  });
});
