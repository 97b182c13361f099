import { expect, it } from 'vitest';
import { chosenInput, droppedInput } from '../../../src/renderer/transfer/droppedFiles.ts';

/** What a browser gives for a dropped file or folder; a folder tells of two entries at a time. */
type Tree = { [name: string]: Tree | string };

function entryOf(name: string, content: Tree | string, above = ''): FileSystemEntry {
  const fullPath = `${above}/${name}`;
  if (typeof content === 'string') {
    const file = (resolve: (file: File) => void, reject: (error: unknown) => void): void =>
      content === 'unreadable' ? reject(new Error('NotReadableError')) : resolve(new File([content], name));
    return { isDirectory: false, isFile: true, name, fullPath, file } as unknown as FileSystemEntry;
  }
  const createReader = () => {
    const rest = Object.entries(content).map(([inner, value]) => entryOf(inner, value, fullPath));
    return { readEntries: (resolve: (entries: FileSystemEntry[]) => void) => resolve(rest.splice(0, 2)) };
  };
  return { isDirectory: true, isFile: false, name, fullPath, createReader } as unknown as FileSystemEntry;
}

const dropOf = (tree: Tree, files: File[] = []): DataTransfer =>
  ({
    files,
    items: [
      { kind: 'string', webkitGetAsEntry: () => null },
      ...Object.entries(tree).map(([name, content]) => ({
        kind: 'file',
        webkitGetAsEntry: () => entryOf(name, content),
      })),
    ],
  }) as unknown as DataTransfer;

it('walks folders to their ends and keeps the paths within them', async () => {
  const tree = { 'a.csv': 'x', pets: { cats: { '1.png': 'c', '2.png': 'c', '3.png': 'c' }, dogs: { '1.png': 'd' } } };
  const input = await droppedInput(dropOf(tree), undefined);
  expect(input.kind === 'files' && input.files.map(({ path }) => path)).toEqual([
    'a.csv',
    'pets/cats/1.png',
    'pets/cats/2.png',
    'pets/cats/3.png',
    'pets/dogs/1.png',
  ]);
});

it('says which file cannot be read', async () => {
  const dropped = droppedInput(dropOf({ pets: { 'bad.png': 'unreadable' } }), undefined);
  await expect(dropped).rejects.toMatchObject({
    code: 'fileUnreadable',
    message: expect.stringContaining('/pets/bad.png'),
  });
});

it('in the window of the desktop tells paths and reads nothing', async () => {
  const bridge = { getPathForFile: (file: File) => (file.name === 'from a web page' ? '' : `/home/me/${file.name}`) };
  const files = [new File([], 'pets'), new File([], 'from a web page')];
  expect(await droppedInput(dropOf({ pets: { '1.png': 'unreadable' } }, files), bridge)).toEqual({
    kind: 'paths',
    paths: ['/home/me/pets'],
  });
  await expect(droppedInput(dropOf({}, [files[1]!]), bridge)).rejects.toMatchObject({ code: 'fileUnreadable' });
});

it('keeps the folder that was chosen in a dialog as part of the paths', () => {
  const inFolder = Object.assign(new File(['x'], '1.png'), {});
  Object.defineProperty(inFolder, 'webkitRelativePath', { value: 'pets/cats/1.png' });
  const input = chosenInput([inFolder, new File(['x'], 'a.csv')]);
  expect(input.kind === 'files' && input.files.map(({ path }) => path)).toEqual(['pets/cats/1.png', 'a.csv']);
});
