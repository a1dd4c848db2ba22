import { type AddressInfo, connect, createServer } from 'node:net';

export const loopback = '127.0.0.1';

const connectTimeoutMs = 500;

/** A free port on the loopback, chosen by the system. */
export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error('the system has no free port');
  return port;
}

/** The preferred port when it is free, else another. */
export async function choosePort(preferred: number): Promise<number> {
  return (await isFree(preferred)) ? preferred : await freePort();
}

/** Binding alone does not tell: some systems allow it beside a listener on all addresses. So nobody may answer either. */
async function isFree(port: number): Promise<boolean> {
  return !(await portAnswers(port)) && (await bind(port)) !== undefined;
}

function bind(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: loopback, exclusive: true }, () => {
      const bound = (server.address() as AddressInfo).port;
      server.close(() => resolve(bound));
    });
  });
}

/** Whether anybody accepts connections at this port of the loopback. */
export function portAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: loopback, timeout: connectTimeoutMs });
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}
