/** What a run is made of, in epochs and steps; both at least 1. */
export interface RunLength {
  epochs: number;
  stepsPerEpoch: number;
}

export type DecayKind = 'constant' | 'cosine' | 'linear' | 'step' | 'exponential';

/** How far from `start` a decay has come: `fraction` 0 is its first value, 1 its last; `epochsPassed` since its start. */
export interface DecayPosition {
  fraction: number;
  epochsPassed: number;
}

export interface DecayShape {
  kind: DecayKind;
  /** factor on the distance to the end: per stair of `step`, per epoch of `exponential`; in (0, 1] */
  gamma: number;
  /** epochs that a stair of `step` lasts */
  stepEveryEpochs: number;
}

/**
 * The share of the distance from end to start that is left, 1 at the start.
 * cosine (1 + cos(pi x)) / 2 and linear 1 - x with x the fraction; step gamma^floor(e / stepEveryEpochs) and
 * exponential gamma^e with e the epochs passed; constant 1.
 */
export function remainingShare({ kind, gamma, stepEveryEpochs }: DecayShape, at: DecayPosition): number {
  switch (kind) {
    case 'constant':
      return 1;
    case 'cosine':
      return (1 + Math.cos(Math.PI * at.fraction)) / 2;
    case 'linear':
      return 1 - at.fraction;
    case 'step':
      return gamma ** Math.floor(at.epochsPassed / stepEveryEpochs);
    case 'exponential':
      return gamma ** at.epochsPassed;
  }
}

/** end + (start - end) * share, exact at both ends. */
export function between(start: number, end: number, share: number): number {
  return share === 1 ? start : end + (start - end) * share;
}
