#!/usr/bin/env node
// Starts the command line on the Node this project pins. It must run on any Node from 18 on, so it is plain JavaScript.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  keepCompiledCode();
  await import('./main.ts');
} else {
  const node = pinnedNode();
  if (node) handOver(node);
  else {
    process.stderr.write(
      `lp-workbench needs Node ${neededMajor}, this is ${process.version}, and the project's own Node is missing: run "npm ci" in the project folder.\n`,
    );
    process.exitCode = 1;
  }
}

/** Path of the Node from the npm package `node`, or undefined when it is not installed. */
function pinnedNode() {
  try {
    const folder = join(dirname(nodeModule.createRequire(import.meta.url).resolve('node/package.json')), 'bin');
    return [join(folder, 'node'), join(folder, 'node.exe')].find((path) => existsSync(path));
  } catch {
    return undefined;
  }
}

/** Runs this file again on another Node and ends as it ends. Signals are passed on; the child ignores their echo. */
function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`lp-workbench could not start ${node}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/**
 * Sources run as they are, types stripped, which costs most of a second for all of them; the next start finds that done.
 * Programs that this one starts find it too. Where the folder cannot be written, nothing is kept.
 */
function keepCompiledCode() {
  const project = join(dirname(fileURLToPath(import.meta.url)), '../../..');
  process.env.NODE_COMPILE_CACHE ??= join(project, 'node_modules/.cache/lp-workbench');
  nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
}
