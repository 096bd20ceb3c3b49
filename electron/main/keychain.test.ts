import { describe, expect, test } from 'vitest';
import { openKeychain, type SystemStorage } from './keychain.ts';

type Backend = ReturnType<NonNullable<SystemStorage['getSelectedStorageBackend']>>;
const old: SystemStorage = {
  isEncryptionAvailable: () => true,
  encryptString: (text) => Buffer.from(`old:${text}`),
  decryptString: (bytes) => bytes.toString().slice(4),
};
const modern: SystemStorage = {
  ...old,
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  encryptStringAsync: (text) => Promise.resolve(Buffer.from(`new:${text}`)),
  decryptStringAsync: (bytes) => Promise.resolve({ result: bytes.toString().slice(4), shouldReEncrypt: true }),
};
const on = (backend: Backend): Partial<SystemStorage> => ({ getSelectedStorageBackend: () => backend });

describe('the keychain', () => {
  test.each(['basic_text', 'unknown'] as const)('%s on Linux is none, and says why', async (backend) => {
    const state = await openKeychain({ ...modern, ...on(backend) }, 'linux');
    expect(state).toMatchObject({ keychain: null, why: expect.stringContaining('asked for each time') as string });
  });

  test.each([
    ['linux', { ...modern, ...on('gnome_libsecret') }, 'new:secret'],
    ['darwin', modern, 'new:secret'],
    ['win32', old, 'old:secret'],
    ['linux', { ...old, ...on('kwallet6') }, 'old:secret'],
  ] as const)('on %s', async (platform, storage, sealed) => {
    const { keychain } = await openKeychain(storage, platform);
    expect((await keychain?.encrypt('secret'))?.toString()).toBe(sealed);
    expect(await keychain?.decrypt(Buffer.from(sealed))).toEqual({ text: 'secret', again: sealed.startsWith('new') });
  });

  test('that is not available is none', async () => {
    const without = { ...modern, isAsyncEncryptionAvailable: () => Promise.resolve(false) };
    expect(await openKeychain(without, 'darwin')).toMatchObject({ keychain: null });
    expect(await openKeychain({ ...old, isEncryptionAvailable: () => false }, 'win32')).toMatchObject({
      keychain: null,
    });
  });
});
