/** Stands where a secret was. */
export const redacted = '***';

/**
 * A URL, or a list of them divided by commas, without the credentials that it may carry. It reads malformed URLs too,
 * where a password may hold any character, and so takes all up to the last `@` before the next URL.
 */
export const redactUrl = (url: string): string =>
  url.replace(/:\/\/(?:(?!,\w+:\/\/)\S)*@/g, `://${redacted}@`);
