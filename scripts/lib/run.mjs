import { spawn } from 'node:child_process';
import { root } from './project.mjs';

const outputCharsMax = 2_000_000;
const progressIntervalMs = 1_000;

/**
 * Runs a command in the checkout to its end, keeping what it prints.
 * @returns {Promise<{ok: boolean, output: string, seconds: string}>} never rejects
 */
export function run(command, args, { timeoutMs, variables = {} }) {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let output = '';
    const keep = (text) => {
      output = (output + text).slice(-outputCharsMax);
    };
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const timer = setTimeout(() => {
      keep(`\nended after ${timeoutMs / 1_000} s\n`);
      child.kill('SIGKILL');
    }, timeoutMs);
    const settle = (ok) => {
      clearTimeout(timer);
      resolve({ ok, output, seconds: secondsSince(startedAt) });
    };
    child.once('error', (error) => {
      keep(`${command}: ${error.message}\n`);
      settle(false);
    });
    child.once('close', (code) => settle(code === 0));
  });
}

/** Runs a command with our own output; resolves with its exit code. */
export function runVisibly(command, args, { timeoutMs }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const timer = setTimeout(() => {
      process.stderr.write(`ended after ${timeoutMs / 1_000} s\n`);
      child.kill('SIGKILL');
    }, timeoutMs);
    const settle = (code) => {
      clearTimeout(timer);
      resolve(code);
    };
    child.once('error', () => settle(1));
    child.once('close', (code) => settle(code ?? 1));
  });
}

/**
 * Shows that something takes its time: one line with the elapsed seconds, on standard error, so that standard output
 * stays for results. Without a terminal it says when it begins and when it is done.
 */
export async function withProgress(label, work) {
  const startedAt = performance.now();
  const { stderr } = process;
  const show = () => stderr.write(`\r${label} … ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  if (!stderr.isTTY) stderr.write(`${label} …\n`);
  const timer = stderr.isTTY ? setInterval(show, progressIntervalMs) : undefined;
  if (stderr.isTTY) show();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    const end = `${label}: ${secondsSince(startedAt)} s`;
    stderr.write(stderr.isTTY ? `\r${end}\u001b[K\n` : `${end}\n`);
  }
}

export const secondsSince = (startedAt) => ((performance.now() - startedAt) / 1_000).toFixed(1);
