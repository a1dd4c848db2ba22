import { randomUUID } from 'node:crypto';
import { type Session } from './session.js';

/** How long the command may be held up by sending its trace, in milliseconds. */
const exportTimeoutMs = 1_000;

/**
 * Runs work as the beginning of a trace when traces go somewhere. The libraries for it are loaded only then: they take
 * longer to load than most commands to run.
 */
export async function withTracing<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { otlpEndpoint: endpoint, traceRatio: ratio } = session.config;
  if (endpoint === undefined) return work();
  const { installTelemetry } = await import('@nexus/platform/telemetry');
  const telemetry = installTelemetry({
    service: 'nexus-cli',
    instanceId: `cli-${randomUUID()}`,
    version: session.installation.version,
    endpoint,
    ratio,
    report: (trouble) => session.output.note(trouble),
  });
  try {
    return await work();
  } finally {
    await telemetry.shutdown(exportTimeoutMs);
  }
}
