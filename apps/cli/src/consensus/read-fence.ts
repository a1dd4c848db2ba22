import { type Fence } from '@nexus/contracts';
import { InvalidArgumentError } from 'commander';

/** Reads `printer=42`: a lease and the token that it must be held with. */
export function readFence(text: string): Fence {
  const [, resource, token] = /^([^=]+)=([1-9]\d{0,14})$/.exec(text) ?? [];
  if (resource !== undefined) return { resource, token: Number(token) };
  throw new InvalidArgumentError('Write it as resource=token, the token as the lease gave it.');
}
