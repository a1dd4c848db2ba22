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
    return this.execute(redis, { keys, args }, 'utf8');
  }

  /** Texts in the reply come as bytes. */
  runForBytes(redis: Redis, { keys, args }: ScriptCall): Promise<unknown> {
    return this.execute(redis, { keys, args }, null);
  }

  private execute(redis: Redis, { keys, args }: ScriptCall, replyEncoding: 'utf8' | null): Promise<unknown> {
    const command = (name: string, script: string) =>
      send(redis, new Command(name, [script, keys.length, ...keys, ...args], { replyEncoding }));
    return command('evalsha', this.sha).catch((error: unknown) =>
      ifUnknown(error, () => command('eval', this.source)),
    );
  }
}

function ifUnknown(error: unknown, otherwise: () => Promise<unknown>): Promise<unknown> {
  if (isReplyError(error) && error.message.startsWith('NOSCRIPT')) return otherwise();
  throw error;
}

function send(redis: Redis, command: Command): Promise<unknown> {
  redis.sendCommand(command);
  return command.promise;
}
