import { Button, Menu } from '@mantine/core';
import { ChevronDown, FlaskConical, FolderOpen } from 'lucide-react';
import { useEffect, type ReactElement } from 'react';
import { asPostgresRef, getAddress, getRefName, SAMPLE_REF, type SourceRef } from '../../../protocol/index.ts';
import { useBoot } from '../../stores/boot.ts';
import { useConnections } from '../../stores/connections.ts';
import { pickSource } from '../../stores/files.ts';
import { useWorkspace } from '../../stores/workspace.ts';
import { EnvironmentBadge } from '../connection/Environment.tsx';
import { notifyError } from '../frame/run-command.ts';

/** A file, the sample, a saved connection, or what was open lately. */
export function ChooseSecond(): ReactElement {
  const recents = useBoot((s) => s.recents);
  const first = useWorkspace((s) => s.document.source);
  const { setSecond } = useWorkspace.getState();
  const { connections } = useConnections();
  useEffect(() => void useConnections.getState().load(), []);
  const others = (refs: readonly SourceRef[]): readonly SourceRef[] =>
    refs.filter((ref) => first === null || getKey(ref) !== getKey(first));
  const servers = others(connections.map(asPostgresRef));
  const saved = new Set(servers.map(getKey));
  const known = others(recents.flatMap(({ ref }) => (ref ? [ref] : []))).filter((ref) => !saved.has(getKey(ref)));
  const pick = async (): Promise<void> => {
    const ref = await pickSource();
    if (ref !== null) setSecond(ref);
  };
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button rightSection={<ChevronDown size={14} />}>Second source</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<FolderOpen size={14} />} onClick={() => void pick().catch(notifyError)}>
          A snapshot…
        </Menu.Item>
        <Menu.Item leftSection={<FlaskConical size={14} />} onClick={() => setSecond(SAMPLE_REF)}>
          The sample
        </Menu.Item>
        <Refs title="Connections" refs={servers} onPick={setSecond} />
        <Refs title="Recent" refs={known} onPick={setSecond} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** One source, whatever it is called. */
const getKey = (ref: SourceRef): string => `${getAddress(ref)} ${JSON.stringify(ref.mapping ?? null)}`;

interface RefsProps {
  readonly title: string;
  readonly refs: readonly SourceRef[];
  readonly onPick: (ref: SourceRef) => void;
}
/** Each server with its environment: production is seen before it is chosen. */
function Refs({ title, refs, onPick }: RefsProps): ReactElement | null {
  if (refs.length === 0) return null;
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{title}</Menu.Label>
      {refs.slice(0, 8).map((ref) => (
        <Menu.Item
          key={`${getRefName(ref)} ${getKey(ref)}`}
          title={getAddress(ref)}
          {...(ref.kind === 'postgres' && ref.environment
            ? { rightSection: <EnvironmentBadge environment={ref.environment} /> }
            : {})}
          onClick={() => onPick(ref)}
        >
          {getRefName(ref)}
        </Menu.Item>
      ))}
    </>
  );
}
