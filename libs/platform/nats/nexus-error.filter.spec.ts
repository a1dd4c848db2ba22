import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { Logger } from '@nestjs/common';
import { NexusError } from '@nexus/contracts';
import { firstValueFrom } from 'rxjs';
import { NexusErrorFilter } from './nexus-error.filter.js';

const thrownBy = (thrown: unknown) =>
  firstValueFrom(new NexusErrorFilter().catch(thrown, new ExecutionContextHost([])));

describe('NexusErrorFilter', () => {
  it('hands a typed error on as it is', async () => {
    const error = new NexusError('conflict', 'taken');
    await expect(thrownBy(error)).rejects.toBe(error);
  });

  it('makes anything else internal, keeping it as the cause and out of the message', async () => {
    Logger.overrideLogger(false);
    const bug = new TypeError('secret of the house');
    await expect(thrownBy(bug)).rejects.toMatchObject({
      name: 'NexusError',
      code: 'internal',
      message: 'internal error',
      cause: bug,
    });
  });
});
