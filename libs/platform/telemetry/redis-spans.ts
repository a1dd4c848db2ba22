import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { Redis } from 'ioredis';

/** Commands whose first argument is no key, and may be a secret. */
const keylessCommands: ReadonlySet<string> = new Set([
  'acl',
  'auth',
  'client',
  'config',
  'function',
  'hello',
  'migrate',
  'script',
]);

/** Commands whose arguments are a script, a count of keys and the keys. */
const scriptCommands: ReadonlySet<string> = new Set([
  'eval',
  'eval_ro',
  'evalsha',
  'evalsha_ro',
  'fcall',
  'fcall_ro',
]);

const keyCharsMax = 256;

/** A command as it may be shown: its name and first key, never a value, a script or a password. */
export function shownCommand(name: string, args: readonly unknown[]): string {
  const command = name.toLowerCase();
  if (keylessCommands.has(command)) return command;
  const key = scriptCommands.has(command) ? (Number(args[1]) > 0 ? args[2] : undefined) : args[0];
  return typeof key === 'string' || Buffer.isBuffer(key)
    ? `${command} ${key.toString().slice(0, keyCharsMax)}`
    : command;
}

let instrumented = false;

/**
 * Makes Redis commands show in traces, where they are part of one: background work starts no traces of its own.
 * It patches the class at once instead of hooking module loading, which works however and whenever ioredis was loaded.
 */
export function instrumentRedis(): void {
  if (instrumented) return;
  instrumented = true;
  const instrumentation = new IORedisInstrumentation({
    enabled: false,
    requireParentSpan: true,
    dbStatementSerializer: (name, args) => shownCommand(name, args),
  });
  for (const definition of instrumentation.getModuleDefinitions()) definition.patch?.(Redis, '6.0.0');
}
