import { describe, expect, it } from 'vitest';
import { bestMatches, matchScore } from '../../../src/renderer/components/palette/matchScore.ts';

const best = (items: string[], query: string, most = 10) => bestMatches(items, query, (item) => item, most);

describe('the palette finds', () => {
  it('what begins with the text before what has it in a later word, before what has it inside', () => {
    expect(best(['compare runs', 'new run', 'runs', 'overrun'], 'run')).toEqual([
      'runs',
      'new run',
      'compare runs',
      'overrun',
    ]);
  });

  it('words in any order and case', () => {
    expect(best(['LPSGDM cnn digits seed 3', 'lpsgdm mlp digits seed 3'], 'digits CNN')).toEqual([
      'LPSGDM cnn digits seed 3',
    ]);
  });

  it('letters with gaps, after everything else', () => {
    expect(best(['New run', 'nrx'], 'nr')).toEqual(['nrx', 'New run']);
    expect(matchScore('settings', 'xyz')).toBeNull();
  });

  it('everything for nothing typed, and never more than asked for', () => {
    expect(best(['bb', 'a'], '', 1)).toEqual(['a']);
    expect(best(['bb', 'a'], '  ')).toHaveLength(2);
  });
});
