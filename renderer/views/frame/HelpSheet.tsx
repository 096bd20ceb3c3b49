import { Kbd, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAllCommands } from './command-registry.ts';
import { useSheet } from './commands.ts';
import classes from './HelpSheet.module.css';
import { formatShortcut } from './shortcuts.ts';

/** Keys that belong to one part of the window, not to a command. */
const LOCAL_KEYS = [
  ['Esc', 'Close the topmost thing'],
  ['← →', 'Move the focused edge or as of, with Shift ten steps'],
  ['Home End', 'Move it to the first or last moment'],
  ['Space', 'Play or pause as of'],
  ['Tab', 'Go on to the next control'],
] as const;

/** All shortcuts, by group. */
export function HelpSheet(): ReactElement {
  const opened = useSheet((s) => s.sheet === 'help');
  const commands = useAllCommands().filter((c) => c.shortcut !== undefined);
  const groups = [...new Set(commands.map((c) => c.group))];
  return (
    <Modal opened={opened} onClose={() => useSheet.setState({ sheet: null })} title="Keyboard shortcuts" size={720}>
      <div className={classes.columns}>
        {groups.map((group) => (
          <Keys
            key={group}
            title={group}
            rows={commands.filter((c) => c.group === group).map((c) => [formatShortcut(c.shortcut ?? ''), c.title])}
          />
        ))}
        <Keys title="On the strip and everywhere" rows={LOCAL_KEYS} />
      </div>
    </Modal>
  );
}

function Keys({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}): ReactElement {
  return (
    <section className={classes.group}>
      <h3 className={classes.title}>{title}</h3>
      <dl className={classes.list}>
        {rows.map(([keys, text]) => (
          <div key={text} className={classes.row}>
            <dt>{text}</dt>
            <dd>
              <Kbd>{keys}</Kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
