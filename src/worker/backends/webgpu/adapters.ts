import fs from 'node:fs';
import { AppError } from '../../../core/errors.ts';
import type { Dawn } from './dawn.ts';

/** A graphics processor, or a program that plays one, as WebGPU offers it. */
export interface Adapter {
  /** as the driver calls it: "NVIDIA GeForce RTX 3060", "llvmpipe (LLVM 15.0.6, 256 bits)" */
  name: string;
  /** computed by the processor in place of a graphics card: slower than the device wasm, good for tests */
  isSoftware: boolean;
}

/** The interface to the driver that works best on each system; others would list the same adapters again. */
const interfaceOf: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'vulkan',
  win32: 'd3d12',
  darwin: 'metal',
};

/** Dawn lists what there is only as the answer to a name that nobody has. */
const nobodysName = 'lp-workbench-lists-adapters';
const softwareName = /llvmpipe|lavapipe|swiftshader|software|basic render/i;

/** The adapters of this machine, those of graphics cards first. Empty when there is none. */
export async function listAdapters(dawn: Dawn): Promise<Adapter[]> {
  const answer = await dawn
    .create([`adapter=${nobodysName}`])
    .requestAdapter()
    .then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  const names = adapterNames(answer, process.platform);
  const adapters = await Promise.all(
    names.map(async (name) => ({ name, isSoftware: isSoftware(name, (await requestNamed(dawn, name))?.info) })),
  );
  return adapters.toSorted((a, b) => Number(a.isSoftware) - Number(b.isSoftware));
}

/** Reads Dawn's list ("* backend: 'vulkan', name: '...'"), one name per adapter of the platform's own interface. */
export function adapterNames(answer: string, platform: NodeJS.Platform): string[] {
  const found = [...answer.matchAll(/\* backend: '(?<kind>[^']*)', name: '(?<name>.*)'/g)].map(
    (match) => match.groups!,
  );
  const preferred = found.filter(({ kind }) => kind === interfaceOf[platform]);
  const names = (preferred.length > 0 ? preferred : found).map(({ name }) => name!);
  return [...new Set(names)];
}

function isSoftware(name: string, info: GPUAdapterInfo | undefined): boolean {
  return (info?.isFallbackAdapter ?? false) || softwareName.test(name);
}

async function requestNamed(dawn: Dawn, name: string): Promise<GPUAdapter | null> {
  const kind = interfaceOf[process.platform];
  const options = [`adapter=${name}`, ...(kind ? [`backend=${kind}`] : [])];
  return dawn.create(options).requestAdapter();
}

export interface OpenAdapter extends Adapter {
  gpu: GPU;
  adapter: GPUAdapter;
}

/**
 * The adapter whose name contains `wanted`; without a wish the strongest graphics card, and only where there is none the
 * software adapter. Throws AppError `deviceUnavailable` with the remedy.
 */
export async function openAdapter(dawn: Dawn, wanted: string | undefined): Promise<OpenAdapter> {
  const adapters = await listAdapters(dawn);
  if (adapters.length === 0) throw new AppError('deviceUnavailable', noAdapterReason(graphicsCards()));
  const named = adapters.find(({ name }) => wanted !== undefined && name.toLowerCase().includes(wanted.toLowerCase()));
  if (wanted !== undefined && !named) {
    const names = adapters.map(({ name }) => `"${name}"`).join(', ');
    throw new AppError('deviceUnavailable', `No graphics adapter is called "${wanted}"; there is ${names}.`);
  }
  const kind = interfaceOf[process.platform];
  // among several graphics cards Dawn knows better than their order which one is the strong one
  const hasChoice = named === undefined && !adapters[0]!.isSoftware;
  const options = [
    ...(kind ? [`backend=${kind}`] : []),
    ...(hasChoice ? [] : [`adapter=${(named ?? adapters[0]!).name}`]),
  ];
  const gpu = dawn.create(options);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new AppError('deviceUnavailable', noAdapterReason(graphicsCards()));
  const found = named ?? adapters.find(({ name }) => isSameAdapter(name, adapter.info)) ?? adapters[0]!;
  return { ...found, isSoftware: isSoftware(found.name, adapter.info), gpu, adapter };
}

/** `info.device` is the name in small letters with every other character turned into a hyphen. */
function isSameAdapter(name: string, { device }: GPUAdapterInfo): boolean {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-') === device.replace(/-+/g, '-');
}

const vendors: Readonly<Record<string, string>> = { '0x10de': 'NVIDIA', '0x1002': 'AMD', '0x8086': 'Intel' };

/** Makers of the graphics cards that Linux sees, whether or not they have a driver for computing. */
function graphicsCards(): string[] {
  try {
    const folders = fs.readdirSync('/sys/class/drm').filter((name) => /^card\d+$/.test(name));
    return folders.flatMap((folder) => {
      const vendor = fs.readFileSync(`/sys/class/drm/${folder}/device/vendor`, 'utf8').trim();
      return vendors[vendor] ?? [];
    });
  } catch {
    return [];
  }
}

/** Why there is no adapter and what to do, for the makers of the cards that are built in. */
export function noAdapterReason(cards: readonly string[], platform: NodeJS.Platform = process.platform): string {
  const nothing = 'No graphics adapter was found that WebGPU can use.';
  if (platform === 'darwin') return `${nothing} macOS 13 or newer is needed.`;
  if (platform === 'win32') return `${nothing} Install the newest driver of your graphics card.`;
  const seen = cards.length > 0 ? ` The system sees a card by ${[...new Set(cards)].join(' and ')}.` : '';
  const remedy = cards.includes('NVIDIA')
    ? 'Install the NVIDIA driver, version 535 or newer; it brings Vulkan with it.'
    : 'Install a Vulkan driver: the package mesa-vulkan-drivers for AMD and Intel, the NVIDIA driver for NVIDIA.';
  return `${nothing}${seen} ${remedy} "vulkaninfo --summary" lists what there is.`;
}
