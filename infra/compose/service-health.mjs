/** Container probe: exits 0 when the service in this container is ready for requests. */
const port = process.env.NEXUS_HEALTH_PORT ?? '8080';

const ready = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2_000) })
  .then((response) => response.ok)
  .catch(() => false);
process.exit(ready ? 0 : 1);
