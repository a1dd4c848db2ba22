import { assert } from '@nexus/core/invariant';
import { type RedisConnection } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

/** Names one request: ids chosen by callers are told apart by who chose them. */
export interface RequestName {
  readonly user: string;
  readonly requestId: string;
}

export interface ClaimRequest extends RequestName {
  /** Hash of what was asked: the same id with another one is a conflict. */
  readonly fingerprint: string;
  /** The process that would do the work. */
  readonly owner: string;
  /** After this long without `complete` the owner counts as dead, in milliseconds, and another may claim. */
  readonly leaseMs: number;
}

export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'running'; readonly owner: string }
  | { readonly kind: 'done'; readonly outcome: Uint8Array }
  | { readonly kind: 'conflict' };

export interface CompleteRequest extends RequestName {
  readonly fingerprint: string;
  readonly owner: string;
  readonly outcome: Uint8Array | string;
  /** How long repeats get this outcome, in milliseconds. */
  readonly keepMs: number;
}

const claim = new RedisScript(`
local stored = redis.call('HMGET', KEYS[1], 'fingerprint', 'owner', 'outcome')
if not stored[1] then
  redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return {'claimed'}
end
if stored[1] ~= ARGV[1] then return {'conflict'} end
if stored[3] then return {'done', stored[3]} end
return {'running', stored[2]}
`);

// A lease that ran out without a successor leaves the outcome as good as ever; with one, the successor's stands.
const complete = new RedisScript(`
local stored = redis.call('HMGET', KEYS[1], 'fingerprint', 'owner', 'outcome')
if stored[1] and (stored[1] ~= ARGV[1] or stored[2] ~= ARGV[2] or stored[3]) then return 0 end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'owner', ARGV[2], 'outcome', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

const release = new RedisScript(`
local stored = redis.call('HMGET', KEYS[1], 'owner', 'outcome')
if stored[1] ~= ARGV[1] or stored[2] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/** Who works on a request, and what came of it: what makes a repeat get the first outcome, on whichever replica. */
export class RedisOutcomeStore {
  constructor(private readonly connection: RedisConnection) {}

  /**
   * Takes a request for its owner, unless somebody has it: then tells who, or what came of it.
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async claim(request: ClaimRequest): Promise<Claim> {
    const { fingerprint, owner, leaseMs } = request;
    const args = [fingerprint, owner, leaseMs];
    const reply = texts(await this.connection.scriptForBytes(claim, { keys: [this.key(request)], args }));
    const [kind, told] = [reply[0]?.toString(), reply[1]];
    if (kind === 'claimed' || kind === 'conflict') return { kind };
    assert(told, 'the script tells the owner or the outcome of what it did not give');
    return kind === 'done' ? { kind, outcome: told } : { kind: 'running', owner: told.toString() };
  }

  /**
   * Keeps the outcome for repeats.
   * @returns false when it was not kept: another owner took over meanwhile, or an outcome is there already
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async complete(request: CompleteRequest): Promise<boolean> {
    const { fingerprint, owner, outcome, keepMs } = request;
    const args = [fingerprint, owner, Buffer.from(outcome), keepMs];
    return (await this.connection.script(complete, { keys: [this.key(request)], args })) === 1;
  }

  /**
   * Gives a request back undone, so that a repeat starts afresh. Only its owner can; an outcome stays.
   * @returns whether it was given back
   * @throws NexusError `unavailable` while Redis does not answer
   */
  async release(request: RequestName & { readonly owner: string }): Promise<boolean> {
    const call = { keys: [this.key(request)], args: [request.owner] };
    return (await this.connection.script(release, call)) === 1;
  }

  private key({ user, requestId }: RequestName): string {
    return this.connection.keys.hashed('outcome', user, requestId);
  }
}

function texts(reply: unknown): readonly Buffer[] {
  assert(
    Array.isArray(reply) && reply.every((item) => Buffer.isBuffer(item)),
    'the script answers with texts',
  );
  return reply;
}
