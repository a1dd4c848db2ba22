import { isatty } from 'node:tty';
import { trace } from '@opentelemetry/api';
import { type DestinationStream, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import { displayName } from './service-context.js';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly service: string;
  readonly instanceId?: string | undefined;
  /** The least grave line that is logged; `info` unless told. */
  readonly level?: LogLevel | undefined;
  /** Readable lines instead of JSON; only ever on a terminal, where it is on unless told. */
  readonly pretty?: boolean | undefined;
  /** `stdout` unless told, `stderr`, or a file, whose folder is made. */
  readonly destination?: 'stdout' | 'stderr' | { readonly file: string } | undefined;
}

/** Makes the log of a service: JSON lines with the trace that they belong to, written before the call returns. */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level ?? 'info',
      base: {
        service: displayName(options.service),
        ...(options.instanceId !== undefined && { instance: options.instanceId }),
      },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      mixin: activeTrace,
      redact: { paths: ['password', 'token', '*.password', '*.token'], censor: '***' },
    },
    destinationOf(options),
  );
}

function activeTrace(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span === undefined ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

function destinationOf({ destination = 'stdout', pretty: wanted = true }: LoggerOptions): DestinationStream {
  if (typeof destination === 'object')
    return pino.destination({ dest: destination.file, mkdir: true, sync: true });
  const fd = destination === 'stdout' ? 1 : 2;
  return wanted && isatty(fd)
    ? pretty({ destination: fd, sync: true, ignore: 'pid,hostname', singleLine: true })
    : pino.destination({ dest: fd, sync: true });
}
