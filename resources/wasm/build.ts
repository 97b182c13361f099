/**
 * node resources/wasm/build.ts: compiles kernels.c into kernels.wasm, which is committed because users have no C compiler.
 * Needs LLVM 19 or newer (Debian: clang-19, lld-19, llvm-19). The binary carries a hash of its sources; a test compares them.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hashSection, sourceHash } from './sourceHash.ts';

const version = process.env.LLVM_VERSION ?? '19';
const folder = import.meta.dirname;
const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'lp-wasm-'));
const object = path.join(temporary, 'kernels.o');
const linked = path.join(temporary, 'kernels.wasm');

try {
  const features = ['-msimd128', '-mrelaxed-simd', '-matomics', '-mbulk-memory'];
  // -fno-builtin keeps loops from becoming calls to memset and memcpy, which do not exist here
  const options = ['--target=wasm32', '-std=c11', '-O3', '-Wall', '-Wextra', '-Werror', '-fno-builtin', '-ffreestanding'];
  execFileSync(`clang-${version}`, [...options, ...features, '-c', '-o', object, path.join(folder, 'kernels.c')], {
    stdio: 'inherit',
  });
  const linkOptions = ['--no-entry', '--import-memory', '--shared-memory', '--max-memory=4294967296', '--strip-all'];
  execFileSync(`wasm-ld-${version}`, [...linkOptions, '-o', linked, object], { stdio: 'inherit' });
  refuseOwnMemory(linked);
  const binary = Buffer.concat([fs.readFileSync(linked), hashSection(sourceHash(folder))]);
  fs.writeFileSync(path.join(folder, 'kernels.wasm'), binary);
  process.stdout.write(`kernels.wasm: ${binary.length} bytes\n`);
} finally {
  fs.rmSync(temporary, { recursive: true });
}

/** The memory is tfjs': a data segment or a stack of ours would overwrite its data. */
function refuseOwnMemory(file: string): void {
  const code = execFileSync(`llvm-objdump-${version}`, ['-d', '-h', file], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (/\bglobal\.(get|set)\b/.test(code)) throw new Error('A kernel uses a stack in memory: keep its locals in registers.');
  if (/^\s*\d+\s+DATA\b/m.test(code)) throw new Error('A kernel has constants in memory: build them in code.');
}
