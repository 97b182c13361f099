import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { AppError } from '../../../core/errors.ts';
import { correctAveragePoolGradient } from '../averagePoolGradient.ts';
import type { Device, OpenDeviceOptions } from '../device.ts';
import { defaultThreads } from '../threads.ts';
import { tensorflowEnvironment } from './environment.ts';
import { loadFailure, noCardReason, notInstalledReason, packageOf, type NativeKind } from './reasons.ts';
import { repairUtil } from './repairUtil.ts';

const backendName = 'tensorflow';

/** What this needs of tfjs-node beyond tfjs itself. */
interface NativeBackend {
  isUsingGpuDevice?: boolean;
}

/** How a package is loaded and what the driver says; replaced in tests. */
export interface NativeSurroundings {
  env: Record<string, string | undefined>;
  /** loads the package, which registers its backend with tfjs */
  load(packageName: string): void;
  /** names of the NVIDIA cards that the driver knows */
  cards(): string[];
}

const realSurroundings: NativeSurroundings = {
  env: process.env,
  load: (packageName) => void createRequire(import.meta.url)(packageName),
  cards: nvidiaCards,
};

/** Why TensorFlow cannot be here, where that is known without loading it. */
export function nativeAbsence(kind: NativeKind): string | undefined {
  try {
    createRequire(import.meta.url).resolve(`${packageOf[kind]}/package.json`);
    return undefined;
  } catch {
    return notInstalledReason(kind);
  }
}

/**
 * Opens TensorFlow itself, through tfjs-node on the processor or tfjs-node-gpu on an NVIDIA card. It can be opened once
 * per process. Throws AppError `deviceUnavailable` with the reason and the remedy.
 */
export async function openNative(
  kind: NativeKind,
  _options: OpenDeviceOptions,
  { env, load, cards }: NativeSurroundings = realSurroundings,
): Promise<Device> {
  Object.assign(env, tensorflowEnvironment(kind, env));
  repairUtil();
  try {
    load(packageOf[kind]);
  } catch (error) {
    throw loadFailure(kind, error);
  }
  if (!(await tf.setBackend(backendName))) {
    throw new AppError('deviceUnavailable', `${packageOf[kind]} was loaded, but its backend did not start.`);
  }
  const names = kind === 'cuda' ? cards() : [];
  if (kind === 'cuda' && !(tf.backend() as NativeBackend).isUsingGpuDevice) {
    throw new AppError('deviceUnavailable', noCardReason(names));
  }
  const restorePoolGradient = correctAveragePoolGradient(tf);
  const [card] = names;
  let isOpen = true;
  return {
    id: kind,
    description: kind === 'cuda' ? `TensorFlow, CUDA 11, ${card ?? 'NVIDIA card'}` : 'TensorFlow, native',
    ...(card === undefined ? {} : { hardware: card }),
    threads: kind === 'cuda' ? 1 : defaultThreads(),
    tf,
    computesAhead: false,
    copiesInputs: false,
    fusedUpdate: () => undefined,
    close() {
      if (!isOpen) return;
      isOpen = false;
      restorePoolGradient();
    },
  };
}

function nvidiaCards(): string[] {
  try {
    const names = execFileSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return names.split('\n').flatMap((line) => line.trim() || []);
  } catch {
    return [];
  }
}
