import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AppError } from '../../../core/errors.ts';
import { exitCodes, type Command } from '../command.ts';

const packageName = 'Microsoft.ML.OnnxRuntime.Gpu.Linux';
const library = 'libonnxruntime_providers_cuda.so';

export const devicesInstallCommand: Command = {
  name: 'devices install',
  summary: "Downloads ONNX Runtime's CUDA part for the device onnx-cuda, when told to.",
  details: [
    'The CUDA libraries of ONNX Runtime are too large for its npm package and are never downloaded by npm. Without --yes ' +
      'this only says what would be downloaded, from where, how large it is and where it goes.',
    'Linux on x64 with an NVIDIA card; driver, CUDA 12 and cuDNN 9 are installed from NVIDIA or your distribution.',
  ],
  examples: ['lp-workbench devices install cuda', 'lp-workbench devices install cuda --yes'],
  positionals: [{ name: 'PART', description: 'cuda' }],
  flags: [{ name: 'yes', kind: 'switch', description: 'download and install it' }],
  async run({ host, args, isJson }) {
    const part = args.positional(0);
    if (part !== 'cuda') {
      throw new AppError('badUsage', `There is no part "${part}" to install; the only one is cuda.`);
    }
    const place = installationPlace(host.platform, process.arch);
    const isInstalled = fs.existsSync(path.join(place.folder, library));
    if (isInstalled) {
      host.out(isJson ? `${JSON.stringify({ installed: true, ...place })}\n` : `Installed already: ${place.folder}\n`);
      return exitCodes.done;
    }
    const megabytes = Math.round((await downloadBytes(place.url)) / 1e6);
    const what = { what: `${packageName} ${place.version}`, from: place.url, megabytes, into: place.folder };
    if (!args.isOn('yes')) {
      host.out(
        isJson
          ? `${JSON.stringify({ installed: false, ...what })}\n`
          : `${what.what}\n  from  ${what.from}\n  size  ${megabytes} MB to download\n  into  ${what.into}\n` +
              'Nothing was downloaded. To do it: lp-workbench devices install cuda --yes\n',
      );
      return exitCodes.done;
    }
    host.err(`Downloading ${megabytes} MB from ${what.from}\n`);
    await runInstaller(place, host.env);
    host.out(isJson ? `${JSON.stringify({ installed: true, ...what })}\n` : `Installed into ${place.folder}\n`);
    return exitCodes.done;
  },
};

interface Place {
  version: string;
  url: string;
  /** where ONNX Runtime looks for its providers */
  folder: string;
  /** the program that comes with the package for this purpose */
  installer: string;
}

function installationPlace(platform: NodeJS.Platform, arch: string): Place {
  if (platform !== 'linux' || arch !== 'x64') {
    throw new AppError(
      'deviceUnavailable',
      `ONNX Runtime's CUDA part exists for Linux on x64 only, and this is ${platform} on ${arch}. Use the device onnx-webgpu${platform === 'win32' ? ' or onnx-dml' : ''}.`,
    );
  }
  let root: string;
  try {
    root = path.join(path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..');
  } catch (error) {
    throw new AppError(
      'deviceUnavailable',
      'The package onnxruntime-node is not installed; run "npm install" in the workbench folder first.',
      { cause: error },
    );
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  const id = packageName.toLowerCase();
  const folder = path.join(root, 'bin', 'napi-v6', platform, arch);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
  } catch (error) {
    throw new AppError(
      'fileUnreadable',
      `Nothing can be written into ${folder}, where ONNX Runtime looks for its libraries. Run this as the user who owns that folder.`,
      { cause: error },
    );
  }
  return {
    version,
    url: `https://api.nuget.org/v3-flatcontainer/${id}/${version}/${id}.${version}.nupkg`,
    folder,
    installer: path.join(root, 'script', 'install.js'),
  };
}

async function downloadBytes(url: string): Promise<number> {
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(20_000) });
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new AppError(
      'disconnected',
      `${new URL(url).host} cannot be reached (${reason}), so the CUDA part cannot be downloaded here. Nothing was changed.`,
      { cause: error },
    );
  }
  if (!answer.ok) {
    throw new AppError(
      'notFound',
      `${url} answered ${answer.status}, so the CUDA part cannot be downloaded. Nothing was changed.`,
    );
  }
  return Number(answer.headers.get('content-length') ?? 0);
}

async function runInstaller({ installer, folder }: Place, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [installer, '--onnxruntime-node-install=cuda12'], {
    env: { ...env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0 && fs.existsSync(path.join(folder, library))) return;
  // half of a library is worse than none
  fs.rmSync(path.join(folder, library), { force: true });
  throw new AppError(
    'internal',
    `ONNX Runtime's installer ended with exit code ${code} and no CUDA part: ${errors.trim().split('\n').at(-1) ?? ''}. Nothing is left of it; try again.`,
  );
}
