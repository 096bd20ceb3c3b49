import { Button, Menu, Modal } from '@mantine/core';
import { Braces, ChevronDown, Copy, Download, FileImage, FileText, SquareTerminal, Terminal } from 'lucide-react';
import { useContext, useState, type ReactElement, type ReactNode } from 'react';
import type { AnalysisDocument } from '../../protocol/index.ts';
import { pruneDefaults } from './cli-command.ts';
import { getExportName } from './export-file.ts';
import { dataUrlToBlob, ExportTargetContext } from './export-target.ts';
import { notifyDone, notifyFailure } from './notify.ts';
import classes from './ExportMenu.module.css';

type Maybe<T> = T | Promise<T>;
export interface ExportMenuProps {
  /** What is shown, for the file name: `funnel signup to payment`. */
  readonly name: string;
  /** Twice the size on screen; a blob or a data URL. */
  readonly getPng?: (() => Maybe<Blob | string>) | undefined;
  readonly getSvg?: (() => Maybe<string>) | undefined;
  /** The answer's own table. */
  readonly getCsv: () => Maybe<string>;
  readonly analysis: AnalysisDocument;
  /** See `getCliCommand`: it asks the schema many times over, so not before it is wanted. */
  readonly getCliCommand: () => string;
  readonly disabled?: boolean | undefined;
  /** The same as a statement, in the SQL view. Throws an EngineError. */
  readonly openSql?: (() => Promise<void>) | undefined;
}

/** Takes the view away: as a picture, as a table, or as the question itself. */
export function ExportMenu(props: ExportMenuProps): ReactElement {
  const { getPng, getSvg, getCsv, getCliCommand } = props;
  const held = useContext(ExportTargetContext).held ?? null;
  const { save, copy, copyImage, busy } = useExports(props.name);
  const [jsonOpen, setJsonOpen] = useState(false);
  const json = (): string => `${JSON.stringify(pruneDefaults(props.analysis), null, 2)}\n`;
  return (
    <>
      <Menu position="bottom-end" width={232} returnFocus>
        <Menu.Target>
          <Button
            variant="default"

            loading={busy}
            disabled={props.disabled === true}
            leftSection={<Download size={14} />}
            rightSection={<ChevronDown size={12} />}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {held !== null && <Menu.Label className={classes.held}>{held}</Menu.Label>}
          {getPng !== undefined && (
            <Item
              icon={<FileImage size={14} />}
              note="2×"
              disabled={held !== null}
              onClick={() => save('png', async () => asBlob(await getPng()))}
            >
              Save PNG
            </Item>
          )}
          {getSvg !== undefined && (
            <Item icon={<FileImage size={14} />} disabled={held !== null} onClick={() => save('svg', getSvg)}>
              Save SVG
            </Item>
          )}
          <Item icon={<FileText size={14} />} disabled={held !== null} onClick={() => save('csv', getCsv)}>
            Save CSV
          </Item>
          <Menu.Divider />
          {getPng !== undefined && (
            <Item
              icon={<Copy size={14} />}
              disabled={held !== null}
              onClick={() => copyImage(async () => asBlob(await getPng()))}
            >
              Copy image
            </Item>
          )}
          <Item icon={<Copy size={14} />} disabled={held !== null} onClick={() => copy('Table', getCsv)}>
            Copy CSV
          </Item>
          <Menu.Divider />
          <Item icon={<Braces size={14} />} onClick={() => setJsonOpen(true)}>
            View analysis as JSON
          </Item>
          <Item icon={<Terminal size={14} />} onClick={() => copy('Command', getCliCommand)}>
            Copy as CLI command
          </Item>
          {props.openSql !== undefined && (
            <Item icon={<SquareTerminal size={14} />} onClick={() => void props.openSql?.().catch(notifyFailure)}>
              Open in SQL
            </Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={jsonOpen} onClose={() => setJsonOpen(false)} title="This analysis as JSON" size="lg">
        <p className={classes.hint}>The same document works in a workspace, over HTTP and with “tributary run”.</p>
        {/* It scrolls, so the keyboard must reach it. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <pre className={classes.code} tabIndex={0} aria-label="Analysis as JSON">
          {jsonOpen ? json() : ''}
        </pre>
        <div className={classes.actions}>
          <Button variant="default" onClick={() => save('json', json)}>
            Save JSON
          </Button>
          <Button variant="filled" onClick={() => copy('Analysis', json)}>
            Copy JSON
          </Button>
        </div>
      </Modal>
    </>
  );
}

function Item(props: {
  icon: ReactNode;
  note?: string;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}): ReactElement {
  return (
    <Menu.Item
      leftSection={props.icon}
      disabled={props.disabled === true}
      rightSection={props.note === undefined ? null : <span className={classes.note}>{props.note}</span>}
      onClick={props.onClick}
    >
      {props.children}
    </Menu.Item>
  );
}

interface Exports {
  readonly busy: boolean;
  readonly save: (extension: string, get: () => Maybe<string | Blob>) => void;
  readonly copy: (what: string, get: () => Maybe<string>) => void;
  readonly copyImage: (get: () => Promise<Blob>) => void;
}
function useExports(name: string): Exports {
  const target = useContext(ExportTargetContext);
  const [busy, setBusy] = useState(false);
  const attempt = (work: () => Promise<string | null>): void => {
    setBusy(true);
    work()
      .then((message) => message !== null && notifyDone(message))
      .catch(notifyFailure)
      .finally(() => setBusy(false));
  };
  return {
    busy,
    save: (extension, get) =>
      attempt(async () => {
        const written = await target.save(getExportName(name, extension), await get());
        return written === null ? null : `Saved ${written}`;
      }),
    copy: (what, get) =>
      attempt(async () => {
        await navigator.clipboard.writeText(await get());
        return `${what} copied`;
      }),
    copyImage: (get) =>
      attempt(async () => {
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': get() })]);
        return 'Image copied';
      }),
  };
}

const asBlob = (picture: Blob | string): Blob => (typeof picture === 'string' ? dataUrlToBlob(picture) : picture);
