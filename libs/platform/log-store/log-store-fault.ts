import { NexusError } from '@nexus/contracts';

/** What is stored cannot be trusted. Nothing was changed. */
export const damaged = (directory: string, cause: unknown): NexusError =>
  new NexusError(
    'internal',
    `the log in ${directory} is damaged: ${reason(cause)}; move the directory away and start again: the replica then joins as a new member and takes everything from the leader`,
    { details: [{ path: 'directory', message: directory }], cause },
  );

export const unusable = (directory: string, cause: unknown): NexusError =>
  new NexusError('unavailable', `the log in ${directory} cannot be opened: ${reason(cause)}`, {
    details: [{ path: 'directory', message: directory }],
    cause,
  });

/** A write failed: what is durable is unknown until the log is read again by a new start. */
export const unwritable = (directory: string, cause: unknown): NexusError =>
  new NexusError(
    'unavailable',
    `the log in ${directory} cannot be written: ${reason(cause)}; nothing more is written or acknowledged until a new start`,
    { details: [{ path: 'directory', message: directory }], cause },
  );

export const held = (directory: string, pid: string, cause?: unknown): NexusError =>
  new NexusError('conflict', `the log in ${directory} is in use by process ${pid}`, {
    details: [
      { path: 'directory', message: directory },
      { path: 'pid', message: pid },
    ],
    cause,
  });

export const closed = (directory: string): NexusError =>
  new NexusError('unavailable', `the log in ${directory} is closed`);

const reason = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Node names what failed by a text, LMDB by the system's number; neither is ours. */
export function isOfSystem(error: unknown): boolean {
  if (error instanceof NexusError || !(error instanceof Error)) return false;
  const { syscall, code } = error as { readonly syscall?: unknown; readonly code?: unknown };
  return typeof syscall === 'string' || typeof code === 'number';
}
