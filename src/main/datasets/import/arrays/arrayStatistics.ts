import type { Numbers } from './storedArray.ts';

/** Facts of the numbers of all samples, by feature or by channel of an image. */
export interface ArrayStatistics {
  /** of training rows, without missing and infinite values */
  mean: Float64Array;
  deviation: Float64Array;
  minimum: Float64Array;
  maximum: Float64Array;
  missing: number;
  infinite: number;
  /** first row with a missing or an infinite value, counted from 0; null when there is none */
  firstBad: number | null;
  /** over all rows */
  isWhole: boolean;
  smallest: number;
  largest: number;
}

const largestFloat32 = 3.4028235677973366e38;

/** Sums up numbers whose place in a row decides their group: `place % groups`. */
export class StatisticsBuilder {
  private readonly groups: number;
  private readonly count: Float64Array;
  private readonly center: Float64Array;
  private readonly sum: Float64Array;
  private readonly squares: Float64Array;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private missing = 0;
  private infinite = 0;
  private firstBad: number | null = null;
  private isWhole = true;
  private smallest = Infinity;
  private largest = -Infinity;

  constructor(groups: number) {
    this.groups = groups;
    this.count = new Float64Array(groups);
    this.center = new Float64Array(groups).fill(Number.NaN);
    this.sum = new Float64Array(groups);
    this.squares = new Float64Array(groups);
    this.low = new Float64Array(groups).fill(Infinity);
    this.high = new Float64Array(groups).fill(-Infinity);
  }

  /** One row of samples; `isFitted` when it is of the training part. */
  add(numbers: Numbers, start: number, size: number, row: number, isFitted: boolean): void {
    const { groups, count, center, sum, squares, low, high } = this;
    let { isWhole, smallest, largest } = this;
    for (let i = 0, group = 0; i < size; i++) {
      const value = numbers[start + i]!;
      if (value >= -largestFloat32 && value <= largestFloat32) {
        if (value < smallest) smallest = value;
        if (value > largest) largest = value;
        if (isWhole && !Number.isInteger(value)) isWhole = false;
        if (isFitted) {
          // sums around a value near the mean lose no digits
          if (count[group] === 0) center[group] = value;
          const distance = value - center[group]!;
          count[group]!++;
          sum[group]! += distance;
          squares[group]! += distance * distance;
          if (value < low[group]!) low[group] = value;
          if (value > high[group]!) high[group] = value;
        }
      } else {
        if (value === value) this.infinite++;
        else this.missing++;
        this.firstBad ??= row;
        isWhole = false;
      }
      if (++group === groups) group = 0;
    }
    this.isWhole = isWhole;
    this.smallest = smallest;
    this.largest = largest;
  }

  finish(): ArrayStatistics {
    const { groups, count, center, sum, squares } = this;
    const mean = new Float64Array(groups);
    const deviation = new Float64Array(groups);
    for (let i = 0; i < groups; i++) {
      if (count[i] === 0) continue;
      mean[i] = center[i]! + sum[i]! / count[i]!;
      deviation[i] = Math.sqrt(Math.max(0, squares[i]! / count[i]! - (sum[i]! / count[i]!) ** 2));
    }
    return {
      mean,
      deviation,
      minimum: this.low,
      maximum: this.high,
      missing: this.missing,
      infinite: this.infinite,
      firstBad: this.firstBad,
      isWhole: this.isWhole,
      smallest: this.smallest,
      largest: this.largest,
    };
  }
}
