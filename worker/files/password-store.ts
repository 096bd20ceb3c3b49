import { join } from 'node:path';
import { z } from 'zod';
import { EngineError } from '../../protocol/errors.ts';
import { JsonStore } from './json-store.ts';

/** The operating system's keychain: what it makes of a text is safe in a file. */
export interface Keychain {
  readonly encrypt: (text: string) => Promise<Buffer>;
  /** `again`: encrypt it anew, its key has changed. Throws when it was made by another user or machine. */
  readonly decrypt: (bytes: Buffer) => Promise<{ readonly text: string; readonly again: boolean }>;
}
/** A keychain, or why there is none. */
export type KeychainState = { readonly keychain: Keychain } | { readonly keychain: null; readonly why: string };

export const NO_KEYCHAIN: KeychainState = {
  keychain: null,
  why: 'In browser mode passwords are not saved: they are asked for each time Tributary starts.',
};

/**
 * Passwords of servers by their address (`formatTarget`): one that was typed for a server is never sent to another. Those
 * of this run are in memory; only what the user wants remembered, and a keychain has encrypted, is written.
 */
export class PasswordStore {
  readonly #memory = new Map<string, string>();
  readonly #file: JsonStore<Record<string, string>>;
  readonly #open: () => Promise<KeychainState>;
  #state: Promise<KeychainState> | undefined;

  /** `open` is asked at first use: some systems then ask the user. */
  constructor(dataDir: string, open: () => Promise<KeychainState>) {
    this.#file = new JsonStore(join(dataDir, 'passwords.json'), z.record(z.string(), z.base64()), () => ({}));
    this.#open = open;
  }

  /** Why passwords cannot be remembered here; null = they can. */
  async whyNot(): Promise<string | null> {
    const state = await this.#keychain();
    return state.keychain === null ? state.why : null;
  }

  /** Addresses whose password is known, without opening any. */
  async known(): Promise<ReadonlySet<string>> {
    const { value } = await this.#file.load();
    return new Set([...this.#memory.keys(), ...Object.keys(value)]);
  }

  /** null = ask. What can no longer be decrypted is forgotten. */
  async get(address: string): Promise<string | null> {
    const inMemory = this.#memory.get(address);
    if (inMemory !== undefined) return inMemory;
    const { value } = await this.#file.load();
    const sealed = value[address];
    const { keychain } = await this.#keychain();
    if (sealed === undefined || keychain === null) return null;
    try {
      const { text, again } = await keychain.decrypt(Buffer.from(sealed, 'base64'));
      this.#memory.set(address, text);
      if (again) await this.keep(address, text, true);
      return text;
    } catch {
      await this.forget(address);
      return null;
    }
  }

  /** For this run, and with `remember` for later ones. Throws E_UNSUPPORTED where there is no keychain. */
  async keep(address: string, password: string, remember: boolean): Promise<void> {
    this.#memory.set(address, password);
    if (!remember) return this.#erase(address);
    const state = await this.#keychain();
    if (state.keychain === null)
      throw new EngineError('E_UNSUPPORTED', 'The password was not saved.', { hint: state.why });
    const sealed = (await state.keychain.encrypt(password)).toString('base64');
    await this.#file.update((all) => ({ ...all, [address]: sealed }));
  }

  async forget(address: string): Promise<void> {
    this.#memory.delete(address);
    await this.#erase(address);
  }

  /** Twice, so that the backup beside the file does not keep it either. */
  async #erase(address: string): Promise<void> {
    const { value } = await this.#file.load();
    if (!Object.hasOwn(value, address)) return;
    await this.#file.update(({ [address]: _gone, ...rest }) => rest);
    await this.#file.update((all) => all);
  }

  #keychain(): Promise<KeychainState> {
    this.#state ??= this.#open();
    return this.#state;
  }
}
