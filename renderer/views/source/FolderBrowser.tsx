import { ActionIcon, Button, TextInput, UnstyledButton } from '@mantine/core';
import { ArrowUp, Database, File, Folder as FolderIcon, LayoutPanelLeft } from 'lucide-react';
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import type { FolderEntry } from '../../../protocol/index.ts';
import type { ChooserTask } from '../../stores/files.ts';
import { formatBytes } from '../../widgets/format.ts';
import { SkeletonRows } from '../../widgets/states.tsx';
import { formatMinute } from '../../widgets/zoned-time.ts';
import classes from './FolderBrowser.module.css';
import { isLikely, joinPath, sortEntries, withWorkspaceEnding } from './folder-entries.ts';
import { useFolder, type Folder } from './use-folder.ts';

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A folder as a list; Enter or a click opens, arrows move, the path can be typed. */
export function FolderBrowser({ task }: { readonly task: ChooserTask }): ReactElement {
  const { folder, error, isGoing, go: list } = useFolder();
  // What is typed stays until the folder it names is shown, whatever listing comes first.
  const [typed, setTyped] = useState<string | null>(null);
  const go = async (path: string): Promise<Folder | null> => {
    const listed = await list(path);
    if (listed !== null) setTyped((now) => (now === typed ? null : now));
    return listed;
  };
  const [name, setName] = useState(task.suggestedName);
  const here = folder?.path ?? '';
  const canSave = name.trim() !== '' && folder !== null && !isGoing;
  /** Into the folder that the field names, shown or not: typed and left without Enter it was ignored. */
  const save = async (): Promise<void> => {
    const target = typed === null || typed === here ? folder : await go(typed);
    if (target === null) return;
    task.resolve(joinPath(target.path, task.purpose === 'save' ? withWorkspaceEnding(name.trim()) : name.trim()));
  };
  const isSave = task.purpose === 'save' || task.purpose === 'export';

  const take = (entry: FolderEntry): void => {
    if (entry.kind === 'folder') void go(entry.path);
    else if (isSave) setName(entry.name);
    else task.resolve(entry.path);
  };
  return (
    <div className={classes.browser}>
      <Place
        path={typed ?? here}
        here={here}
        onType={setTyped}
        parent={folder?.parent ?? null}
        takesFocus={!isSave}
        onGo={go}
        onFile={(path) => {
          if (!isSave) task.resolve(path);
        }}
      />
      {error !== null && (
        <p className={classes.error} role="alert">
          {error.message} {error.hint}
        </p>
      )}
      {folder === null ? (
        <SkeletonRows rows={10} />
      ) : (
        <Entries entries={sortEntries(folder.entries, task.purpose)} purpose={task.purpose} onTake={take} />
      )}
      {isSave && (
        <form
          className={classes.place}
          onSubmit={(event) => {
            event.preventDefault();
            if (canSave) void save();
          }}
        >
          <TextInput
            className={classes.path}
            aria-label="File name"
            value={name}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="filled" disabled={!canSave}>
            {task.purpose === 'export' ? 'Export' : 'Save'}
          </Button>
        </form>
      )}
    </div>
  );
}

interface PlaceProps {
  /** As typed. */
  readonly path: string;
  readonly onType: (path: string) => void;
  readonly here: string;
  readonly parent: string | null;
  readonly takesFocus: boolean;
  /** Null when it is no folder. */
  readonly onGo: (path: string) => Promise<Folder | null>;
  readonly onFile: (path: string) => void;
}
function Place({ path, onType, here, parent, takesFocus, onGo, onFile }: PlaceProps): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  const isListed = here !== '';
  const isOwn = path !== here;
  // Who is about to type a path replaces the first one that comes: pasted behind it, it would name another file.
  useLayoutEffect(() => {
    if (isListed && !isOwn && document.activeElement === field.current) field.current?.select();
    // oxlint-disable-next-line react/exhaustive-deps -- once, with what is typed by then
  }, [isListed]);
  /** A typed path may be a folder or a file. */
  const goTo = async (): Promise<void> => {
    if (path !== here && (await onGo(path)) === null && /[^/\\]$/.test(path)) onFile(path);
  };
  return (
    <form
      className={classes.place}
      onSubmit={(event) => {
        event.preventDefault();
        void goTo();
      }}
    >
      <ActionIcon aria-label="Up one folder" disabled={parent === null} onClick={() => void onGo(parent ?? '')}>
        <ArrowUp size={16} />
      </ActionIcon>
      <TextInput
        ref={field}
        className={classes.path}
        aria-label="Folder or file"
        value={path}
        spellCheck={false}
        data-autofocus={takesFocus || undefined}
        onChange={(event) => onType(event.currentTarget.value)}
      />
    </form>
  );
}

interface EntriesProps {
  readonly entries: readonly FolderEntry[];
  readonly purpose: ChooserTask['purpose'];
  readonly onTake: (entry: FolderEntry) => void;
}
function Entries({ entries, purpose, onTake }: EntriesProps): ReactElement {
  const list = useRef<HTMLUListElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + step))]?.focus();
  };
  if (entries.length === 0) return <p className={classes.nothing}>This folder is empty.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows move between the buttons inside.
    <ul ref={list} className={classes.list} onKeyDown={onKeyDown} aria-label="Files and folders">
      {entries.map((entry) => (
        <li key={entry.path}>
          <UnstyledButton
            className={classes.entry}
            data-other={!isLikely(entry, purpose) || undefined}
            onClick={() => onTake(entry)}
          >
            <EntryIcon entry={entry} />
            <span className={classes.name}>{entry.name}</span>
            <span className={classes.size}>{entry.kind === 'file' ? formatBytes(entry.sizeBytes) : ''}</span>
            <span className={classes.time}>{formatMinute(entry.modifiedAt, ZONE)}</span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

function EntryIcon({ entry }: { readonly entry: FolderEntry }): ReactElement {
  if (entry.kind === 'folder') return <FolderIcon size={16} aria-label="Folder" />;
  if (isLikely(entry, 'workspace')) return <LayoutPanelLeft size={16} aria-label="Workspace" />;
  return isLikely(entry, 'source') ? (
    <Database size={16} aria-label="Database" />
  ) : (
    <File size={16} aria-label="File" />
  );
}
