import { type LoggerService } from '@nestjs/common';
import { type Logger } from './logger.js';

type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Writes what Nest logs to a service's own log. Nest passes the name of the caller as the last parameter. */
export class NestPinoLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Level, message: unknown, rest: readonly unknown[]): void {
    const [caller, details] = splitCaller(rest);
    const fields = {
      ...(caller !== undefined && { context: caller }),
      ...(message instanceof Error && { err: message }),
      ...(details.length > 0 && { details }),
    };
    if (message instanceof Error) this.logger[level](fields, message.message);
    else if (typeof message === 'string') this.logger[level](fields, message);
    else this.logger[level]({ ...fields, data: message });
  }
}

/** A single-line string at the end is the caller's name; a stack, which has lines, is not. */
function splitCaller(rest: readonly unknown[]): [string | undefined, readonly unknown[]] {
  const last = rest.at(-1);
  const isName = typeof last === 'string' && !last.includes('\n');
  const details = (isName ? rest.slice(0, -1) : rest).filter((detail) => detail !== undefined);
  return [isName ? last : undefined, details];
}
