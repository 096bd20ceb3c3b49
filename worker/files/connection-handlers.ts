import type { ConnectionList } from '../../protocol/connections.ts';
import { formatTarget } from '../../protocol/source-names.ts';
import { putConnection, type ConnectionStore } from './connection-store.ts';
import type { PasswordStore } from './password-store.ts';
import type { ShellHandlers } from './shell-handlers.ts';

type ConnectionMethod = 'listConnections' | 'saveConnection' | 'removeConnection' | 'getPassword' | 'keepPassword';

/** The answers about saved connections: the same in the desktop window and in browser mode. */
export function createConnectionHandlers(
  open: () => ConnectionStore,
  passwords: PasswordStore,
): Pick<ShellHandlers, ConnectionMethod> {
  // A damaged file is set aside when it is first read; that is to be seen for longer than one answer.
  let lastProblem: ConnectionList['problem'] = null;
  const list = async (): Promise<ConnectionList> => {
    const [{ value, problem }, known, whyNotRemember] = await Promise.all([
      open().load(),
      passwords.known(),
      passwords.whyNot(),
    ]);
    const connections = value.map((c) => ({ ...c, hasPassword: known.has(formatTarget(c.target)) }));
    lastProblem = problem ?? lastProblem;
    return { connections, whyNotRemember, problem: lastProblem };
  };
  return {
    listConnections: list,
    saveConnection: async ({ connection, replaces }) => {
      await open().update((all) =>
        putConnection(
          all.filter(({ name }) => name !== replaces),
          connection,
        ),
      );
      return list();
    },
    removeConnection: async ({ name }) => {
      const store = open();
      const gone = (await store.load()).value.find((connection) => connection.name === name);
      const rest = await store.update((all) => all.filter((connection) => connection.name !== name));
      const address = gone === undefined ? null : formatTarget(gone.target);
      const isUsed = rest.some(({ target }) => formatTarget(target) === address);
      if (address !== null && !isUsed) await passwords.forget(address);
      return list();
    },
    getPassword: ({ address }) => passwords.get(address),
    keepPassword: async ({ address, password, remember }) => {
      await (password === null ? passwords.forget(address) : passwords.keep(address, password, remember));
      return null;
    },
  };
}
