import { createHash } from 'node:crypto';
import { Command, type Redis } from 'ioredis';
import { isReplyError } from './redis-fault.js';

export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number | Buffer)[];
}

/** A Lua script, sent as its hash; the text goes along only when Redis does not know it (any more). */
export class RedisScript {
  private readonly sha: string;

  constructor(private readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }

  /** Texts in the reply come as strings. */
  run(redis: Redis, { keys, args }: ScriptCall): Promise<unknown> {
    const given = [...keys, ...args];
    return redis
      .evalsha(this.sha, keys.length, ...given)
      .catch((error: unknown) => ifUnknown(error, () => redis.eval(this.source, keys.length, ...given)));
  }

  /** Texts in the reply come as bytes. */
  runForBytes(redis: Redis, { keys, args }: ScriptCall): Promise<unknown> {
    const given = [...keys, ...args];
    return sendForBytes(redis, 'evalsha', [this.sha, keys.length, ...given]).catch((error: unknown) =>
      ifUnknown(error, () => sendForBytes(redis, 'eval', [this.source, keys.length, ...given])),
    );
  }
}

function ifUnknown(error: unknown, otherwise: () => Promise<unknown>): Promise<unknown> {
  if (isReplyError(error) && error.message.startsWith('NOSCRIPT')) return otherwise();
  throw error;
}

function sendForBytes(redis: Redis, name: string, args: (string | number | Buffer)[]): Promise<unknown> {
  const command = new Command(name, args, { replyEncoding: null });
  redis.sendCommand(command);
  return command.promise;
}
