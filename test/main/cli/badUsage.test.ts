import { describe, expect, it } from 'vitest';
import { runCommand } from './runCommand.ts';

describe('bad input gets exit 2 and one clear sentence', () => {
  it.each([
    ['unknown optimizer', ['train', '--optimizer', 'lpsgmd'], 'There is no optimizer "lpsgmd"; did you mean "lpsgdm"?'],
    ['unknown model', ['train', '--model', 'cmn'], 'There is no model "cmn"; did you mean "cnn"?'],
    ['unknown flag', ['train', '--optmizer', 'sgd'], 'train has no flag --optmizer; did you mean --optimizer?'],
    ['unknown command', ['tran'], 'There is no command "tran"; did you mean "train"?'],
    ['unknown word of a command', ['runs', 'lst'], 'runs has no command "lst"; did you mean "list"?'],
    ['unknown function', ['toy', '--function', 'stron'], 'There is no function "stron"; did you mean "strong"?'],
    ['negative learning rate', ['train', '--lr', '-1'], '--lr must be above 0, got -1.'],
    ['negative learning rate of a toy', ['toy', '--lr', '-1'], '--lr must be above 0, got -1.'],
    ['p below 2', ['train', '--p-max', '1.5'], '--p-max must be at least 2, got 1.5.'],
    ['empty batch', ['train', '--batch-size', '0'], '--batch-size must be at least 1'],
    ['half an epoch', ['train', '--epochs', '1.5'], '--epochs must be a whole number'],
    ['momentum of 1', ['train', '--beta', '1'], '--beta must be at least 0 and below 1, got 1.'],
    ['not a number', ['train', '--epochs', 'many'], '--epochs must be a number, got "many".'],
    ['no value', ['train', '--lr', '--epochs', '3'], '--lr needs a value'],
    ['given twice', ['train', '--lr', '1', '--lr', '2'], '--lr is given twice'],
    ['p of an optimizer without p', ['train', '--optimizer', 'adamw', '--p-max', '4'], 'it belongs to LPSGDM, LPSGD.'],
    ['option of another model', ['train', '--model', 'cnn', '--hidden', '64'], 'it belongs to Multilayer perceptron.'],
    ['early stopping on nothing', ['train', '--early-stopping', '3'], 'set --validation, for example to 0.1'],
    ['missing run', ['resume'], 'resume needs RUN'],
    ['a word too many', ['optimizers', 'show', 'sgd', 'lion'], 'does not know what to do with "lion"'],
    ['both extensions', ['resume', 'x', '--epochs', '9', '--keep-horizon', '--anneal-again'], 'Choose one of'],
    ['layers that do not fit', ['models', 'show', 'cnn', '--input', '1,1,1'], ''],
  ])('%s', async (_, args, sentence) => {
    const { code, stdout, stderr } = await runCommand(args);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('as JSON on stderr for programs', async () => {
    const { code, stdout, stderr } = await runCommand(['train', '--optimizer', 'lpsgmd', '--json']);
    const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
    expect(error.code).toBe('unknownOptimizer');
    expect(error.message).toContain('did you mean "lpsgdm"?');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
