import type { SafeStorage } from 'electron';
import type { KeychainState } from '../../worker/files/password-store.ts';

/** Older Electrons have only the calls that block; all of them are detected. */
export type SystemStorage = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> &
  Partial<
    Pick<
      SafeStorage,
      'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
    >
  >;

const NONE =
  'This system has no keychain that Tributary can use, so passwords are not saved: they are asked for each time.';
const BASIC =
  'Without a secret service (GNOME Keyring, KWallet) this system would only hide a password behind one that everybody knows, so it is not saved: it is asked for each time.';

/** Call it after the app is ready. */
export async function openKeychain(storage: SystemStorage, platform: string): Promise<KeychainState> {
  const backend = platform === 'linux' ? storage.getSelectedStorageBackend?.() : undefined;
  if (backend === 'basic_text' || backend === 'unknown') return { keychain: null, why: BASIC };
  const { encryptStringAsync, decryptStringAsync, isAsyncEncryptionAvailable } = storage;
  if (isAsyncEncryptionAvailable && encryptStringAsync && decryptStringAsync) {
    if (!(await isAsyncEncryptionAvailable.call(storage))) return { keychain: null, why: NONE };
    return {
      keychain: {
        encrypt: (text) => encryptStringAsync.call(storage, text),
        decrypt: async (bytes) => {
          const { result, shouldReEncrypt } = await decryptStringAsync.call(storage, bytes);
          return { text: result, again: shouldReEncrypt };
        },
      },
    };
  }
  if (!storage.isEncryptionAvailable()) return { keychain: null, why: NONE };
  return {
    keychain: {
      encrypt: (text) => Promise.resolve(storage.encryptString(text)),
      decrypt: (bytes) => Promise.resolve({ text: storage.decryptString(bytes), again: false }),
    },
  };
}
