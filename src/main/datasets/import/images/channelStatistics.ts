import type { ImportChoices } from '../../../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../../../core/contract/datasets.ts';

const levels = 256;
/** Bytes that are counted in 32 bits before the counts are added up. */
const mostPending = 2 ** 31;

/** Mean and spread of each channel of bytes, out of how often each byte occurs: sums of whole numbers, and therefore exact. */
export class ChannelStatistics {
  images = 0;
  private readonly channels: number;
  /** [channel * 256 + byte] */
  private readonly pending: Uint32Array;
  private readonly counts: Float64Array;
  private pendingBytes = 0;

  constructor(channels: number) {
    this.channels = channels;
    this.pending = new Uint32Array(channels * levels);
    this.counts = new Float64Array(channels * levels);
  }

  /** One image of `size` bytes beginning at `start`. */
  add(pixels: Uint8Array, start: number, size: number): void {
    const { channels, pending } = this;
    this.images++;
    this.pendingBytes += size;
    if (channels === 3) {
      for (let i = start; i < start + size; i += 3) {
        pending[pixels[i]!]!++;
        pending[levels + pixels[i + 1]!]!++;
        pending[2 * levels + pixels[i + 2]!]!++;
      }
    } else {
      for (let i = start; i < start + size; i++) pending[((i - start) % channels) * levels + pixels[i]!]!++;
    }
    if (this.pendingBytes > mostPending) this.flush();
  }

  /** What takes values `byte * scale` to mean 0 and deviation 1, or to 0 .. 1. */
  normalization(kind: NonNullable<ImportChoices['normalize']>, scale: number): DatasetMeta['normalization'] {
    this.flush();
    if (kind === 'none' || this.images === 0) return undefined;
    const perChannel = Array.from({ length: this.channels }, (_, channel) => {
      const counts = this.counts.subarray(channel * levels, (channel + 1) * levels);
      const isThere = (count: number): boolean => count > 0;
      if (kind === 'minMax') {
        const [least, most] = [counts.findIndex(isThere), counts.findLastIndex(isThere)];
        return { mean: least * scale, deviation: (most - least) * scale || 1 };
      }
      let [count, sum, squares] = [0, 0, 0];
      counts.forEach((times, value) => {
        count += times;
        sum += times * value;
        squares += times * value * value;
      });
      const mean = sum / count;
      const variance = Math.max(0, squares / count - mean * mean);
      return { mean: mean * scale, deviation: Math.sqrt(variance) * scale || 1 };
    });
    return { mean: perChannel.map(({ mean }) => mean), deviation: perChannel.map(({ deviation }) => deviation) };
  }

  private flush(): void {
    this.pending.forEach((count, i) => {
      this.counts[i]! += count;
    });
    this.pending.fill(0);
    this.pendingBytes = 0;
  }
}
