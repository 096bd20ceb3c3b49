import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { describe, expect, test } from 'vitest';
import { askPassword } from './ask-password.ts';

/** What stands in for a terminal: it tells which mode it was put into. */
class Terminal extends PassThrough {
  readonly modes: boolean[] = [];
  setRawMode(raw: boolean): this {
    this.modes.push(raw);
    return this;
  }
}
function ask(): { readonly terminal: Terminal; readonly shown: () => string; readonly answer: Promise<string> } {
  const terminal = new Terminal();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (text) => (shown += String(text)));
  const answer = askPassword('Password: ', terminal as unknown as ReadStream, output);
  return { terminal, shown: () => shown, answer };
}

describe('a password on the terminal', () => {
  test('is taken key by key and never shown', async () => {
    const { terminal, shown, answer } = ask();
    for (const key of ['s', 'é', '😀', '\u007F', 'x', ' ', '\r']) terminal.write(key);
    expect(await answer).toBe('séx ');
    expect(shown()).toBe('Password: \n');
    expect(terminal.modes).toEqual([true, false]);
  });

  test('may be pasted with its end of line', async () => {
    const { terminal, answer } = ask();
    terminal.write('pasted\nand more');
    expect(await answer).toBe('pasted');
  });

  test('may be refused with Ctrl-C, and the terminal is as it was', async () => {
    const { terminal, answer } = ask();
    terminal.write('half\u0003');
    await expect(answer).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(terminal.modes).toEqual([true, false]);
  });
});
