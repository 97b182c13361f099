import type { ImportChoices } from '../../../../core/contract/datasetImport.ts';
import type { DatasetMeta } from '../../../../core/contract/datasets.ts';

/** Mean and spread of each channel of bytes; sums of whole numbers, and therefore exact. */
export class ChannelStatistics {
  images = 0;
  private readonly channels: number;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly least: Uint8Array;
  private readonly most: Uint8Array;
  private count = 0;

  constructor(channels: number) {
    this.channels = channels;
    this.sums = new Float64Array(channels);
    this.squares = new Float64Array(channels);
    this.least = new Uint8Array(channels).fill(255);
    this.most = new Uint8Array(channels);
  }

  /** One image of `size` bytes beginning at `start`. */
  add(pixels: Uint8Array, start: number, size: number): void {
    const { channels } = this;
    this.images++;
    this.count += size / channels;
    for (let channel = 0; channel < channels; channel++) {
      let [sum, squares, least, most] = [0, 0, 255, 0];
      for (let i = start + channel; i < start + size; i += channels) {
        const value = pixels[i]!;
        sum += value;
        squares += value * value;
        if (value < least) least = value;
        if (value > most) most = value;
      }
      this.sums[channel]! += sum;
      this.squares[channel]! += squares;
      this.least[channel] = Math.min(this.least[channel]!, least);
      this.most[channel] = Math.max(this.most[channel]!, most);
    }
  }

  /** What takes values `byte * scale` to mean 0 and deviation 1, or to 0 .. 1. */
  normalization(kind: NonNullable<ImportChoices['normalize']>, scale: number): DatasetMeta['normalization'] {
    if (kind === 'none' || this.count === 0) return undefined;
    const perChannel = Array.from({ length: this.channels }, (_, channel) => {
      if (kind === 'minMax') {
        const [least, most] = [this.least[channel]!, this.most[channel]!];
        return { mean: least * scale, deviation: (most - least) * scale || 1 };
      }
      const mean = this.sums[channel]! / this.count;
      const variance = Math.max(0, this.squares[channel]! / this.count - mean * mean);
      return { mean: mean * scale, deviation: Math.sqrt(variance) * scale || 1 };
    });
    return { mean: perChannel.map(({ mean }) => mean), deviation: perChannel.map(({ deviation }) => deviation) };
  }
}
